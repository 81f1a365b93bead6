"""Records that can be compared: names, addresses and numbers in one plain form, one row per lead or site."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from salesworthy.intake.duplicates_nicknames import canonical_names

PEOPLE, SITES = "duplicate_people", "duplicate_sites"
"""Names of the tables of records inside the connection."""
ROLE_MAILBOXES = (
    "info", "office", "contact", "kontakt", "mail", "admin", "sales", "reception", "purchasing", "einkauf", "noreply",
    "no-reply", "secretary", "sekretariat", "hello", "team", "support", "service",
)  # fmt: skip
"""Mailboxes that many people share."""
_TITLES = r"\b(dr|prof|professor|mr|mrs|ms|miss|sir|herr|frau|med|phd|md|dipl|ing|habil|rn|pd)\b"
_SITE_WORDS = {
    "st": "saint", "ctr": "centre", "center": "centre", "cntr": "centre", "hosp": "hospital", "univ": "university",
    "uni": "university", "gen": "general", "comm": "community", "med": "medical", "lab": "laboratory", "dept": "",
    "surg": "surgery", "clin": "clinic", "klinik": "clinic", "krankenhaus": "hospital", "psych": "psychiatric",
    "childrens": "children", "the": "", "inc": "", "llc": "", "ltd": "", "gmbh": "", "ag": "", "of": "", "and": "",
}  # fmt: skip


def make_people(connection: Any, path: Path, columns: Mapping[str, str], nicknames: dict[str, str]) -> int:
    """The table ``PEOPLE`` inside the connection; returns its rows.

    Columns: ``unique_id, created_at, first, last, email, mailbox, phone, site, role, title, department, specialty``.

    Args:
        connection: An open DuckDB connection.
        path: Checked leads.
        columns: Part of an identity -> its column.
        nicknames: Further short names.
    """
    names = canonical_names(nicknames)
    connection.register("duplicate_nicknames", pa.table({"form": list(names), "stands_for": list(names.values())}))
    boxes = ", ".join(f"'{each}'" for each in ROLE_MAILBOXES)
    query = f"""
        CREATE OR REPLACE TEMP TABLE {PEOPLE} AS
        WITH told AS (
          SELECT lead_id AS unique_id, created_at, account_id AS site, {_plain_text("role")} AS role,
            {_plain_text("department")} AS department, {_plain_text("specialty")} AS specialty,
            {_plain_text(columns.get("job_title"))} AS title, {_name(columns.get("name"))} AS whole,
            {_name(columns.get("first_name"))} AS given, {_name(columns.get("last_name"))} AS family,
            regexp_replace(lower(trim({_column(columns.get("email"))})), '\\+[^@]*@', '@') AS address,
            regexp_replace({_column(columns.get("phone"))}, '[^0-9]', '', 'g') AS digits
          FROM read_parquet({_text(str(path))})
        ), split AS (
          SELECT *, string_split(replace(trim(replace(whole, ',', ' ')), '  ', ' '), ' ') AS parts,
            contains(whole, ',') AS turned
          FROM told
        ), named AS (
          SELECT *,
            coalesce(string_split(given, ' ')[1], CASE WHEN len(parts) < 2 THEN NULL
              WHEN turned THEN split_part(trim(split_part(whole, ',', 2)), ' ', 1) ELSE parts[1] END) AS first_form,
            coalesce(family, CASE WHEN turned THEN trim(split_part(whole, ',', 1)) ELSE parts[-1] END) AS last
          FROM split
        )
        SELECT unique_id, created_at, coalesce(stands_for, nullif(first_form, '')) AS first,
          nullif(last, '') AS last,
          CASE WHEN split_part(address, '@', 1) NOT IN ({boxes}) THEN nullif(address, '') END AS email,
          CASE WHEN contains(address, '@') AND split_part(address, '@', 1) NOT IN ({boxes})
            THEN split_part(address, '@', 1) END AS mailbox,
          CASE WHEN length(digits) >= 7 THEN right(digits, 9) END AS phone,
          site, role, title, department, specialty
        FROM named LEFT JOIN duplicate_nicknames ON form = first_form ORDER BY unique_id
    """
    connection.execute(query)
    return _rows(connection, PEOPLE)


def make_sites(connection: Any, path: Path, columns: Mapping[str, str]) -> int:
    """The table ``SITES`` inside the connection; returns its rows.

    Columns: ``unique_id, created_at, name, words, opening, numbers, kind, country, beds, parent, domain, phone, street,
    city, postcode``.

    Args:
        connection: An open DuckDB connection.
        path: Checked accounts.
        columns: Part of an address -> its column.
    """
    words = pa.table({"form": list(_SITE_WORDS), "stands_for": list(_SITE_WORDS.values())})
    connection.register("duplicate_site_words", words)
    query = f"""
        CREATE OR REPLACE TEMP TABLE {SITES} AS
        WITH told AS (
          SELECT account_id AS unique_id, created_at, beds, parent_account_id AS parent,
            {_plain_text("facility_type")} AS kind, lower(trim(coalesce(country, region))) AS country,
            {_name("name")} AS whole, {_plain_text(columns.get("city"))} AS city,
            {_plain_text(columns.get("street"))} AS street,
            replace({_plain_text(columns.get("postcode"))}, ' ', '') AS postcode,
            regexp_extract(lower({_column(columns.get("domain"))}), '^(?:[a-z]+://)?(?:www\\.)?([^/:?]+)', 1) AS web,
            regexp_replace({_column(columns.get("phone"))}, '[^0-9]', '', 'g') AS digits
          FROM read_parquet({_text(str(path))})
        ), worded AS (
          SELECT unique_id, place, coalesce(stands_for, word) AS word
          FROM (SELECT unique_id, unnest(string_split(replace(whole, ',', ' '), ' ')) AS word,
              generate_subscripts(string_split(replace(whole, ',', ' '), ' '), 1) AS place FROM told)
            LEFT JOIN duplicate_site_words ON form = word
        ), spelled AS (
          SELECT unique_id, string_agg(word, ' ' ORDER BY place) AS name, string_agg(word, ' ' ORDER BY word) AS words,
            first(word ORDER BY place) AS opening,
            string_agg(word, ' ' ORDER BY word) FILTER (regexp_full_match(word, '[0-9]+')) AS numbers
          FROM worded WHERE word <> '' GROUP BY unique_id
        )
        SELECT told.unique_id, created_at, name, words, opening, numbers, kind, country, beds, parent,
          nullif(web, '') AS domain, CASE WHEN length(digits) >= 7 THEN right(digits, 9) END AS phone,
          nullif(street, '') AS street, nullif(city, '') AS city, nullif(postcode, '') AS postcode
        FROM told LEFT JOIN spelled ON told.unique_id = spelled.unique_id ORDER BY told.unique_id
    """
    connection.execute(query)
    return _rows(connection, SITES)


def _rows(connection: Any, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _column(name: str | None) -> str:
    return "NULL::VARCHAR" if not name else '"' + name.replace('"', '""') + '"::VARCHAR'


def _plain_text(name: str | None) -> str:
    """Letters and digits of any script, without case and accents, one blank between words."""
    text = f"strip_accents(lower({_column(name)}))"
    return f"nullif(trim(regexp_replace({text}, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '')"


def _name(name: str | None) -> str:
    """The same without titles, and with commas, which turn a name round."""
    text = f"regexp_replace(strip_accents(lower({_column(name)})), '[''\u2019]', '', 'g')"
    text = f"regexp_replace({text}, '[^\\p{{L}}\\p{{N}},]+', ' ', 'g')"
    text = f"regexp_replace({text}, '{_TITLES}', ' ', 'g')"
    return f"nullif(trim(regexp_replace({text}, ' +', ' ', 'g')), '')"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
