"""Migrations of the ledger: how a database comes from any earlier schema to the present one."""
