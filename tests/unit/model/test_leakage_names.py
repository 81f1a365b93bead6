"""Names of fields that CRMs fill in once sales has the lead, and names that only look like them."""

from __future__ import annotations

import pytest

from salesworthy.model.leakage_names import names_aftermath, names_owner, names_plan

AFTER = """
ReservationStatus  reservation_status_date  IsCanceled  lead_status  sales_notes_length  opportunity_amount
last_sales_touch_at  StageName  IsWon  CloseDate  LastActivityDate  hs_lead_status  lifecyclestage  statuscode  duration
call_duration  notes_last_contacted  num_associated_deals  ConvertedDate  lost.reason  Disposition  LastModifiedDate
days_to_close  BookingChanges  Revenue
"""
BEFORE = """
previous_outcome  PreviousCancellations  PreviousBookingsNotCanceled  page_duration  ProductRelated_Duration  age  job
month  default  housing  campaign  timeframe  use_case  beds_reported  email_kind  existing_customer  form_fields_filled
LeadTime  ReservedRoomType  DepositType  CustomerType  TotalOfSpecialRequests  state  region  import_batch
"""
OWNERS = "OwnerId hubspot_owner_id sales_rep SalesPerson account_executive assigned_to rep_code handled_by SDR sr_id"
NO_OWNERS = "hospital_owner_type ownership reported representative_body agent account_id role prepaid"


@pytest.mark.parametrize("name", AFTER.split())
def test_named_like_the_aftermath(name):
    assert names_aftermath(name)


@pytest.mark.parametrize("name", BEFORE.split())
def test_not_named_like_the_aftermath(name):
    assert names_aftermath(name) == ""


@pytest.mark.parametrize("name", OWNERS.split())
def test_who_works_on_the_lead(name):
    assert names_owner(name)


@pytest.mark.parametrize("name", NO_OWNERS.split())
def test_nobody_works_on_the_lead(name):
    assert names_owner(name) == ""


def test_plans_may_lie_ahead():
    assert names_plan("ArrivalDate")
    assert not names_plan("closed_at")
