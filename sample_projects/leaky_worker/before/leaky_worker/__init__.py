"""Renders invoices, one job after the other."""
