"""Use cases: each one joins the parts below into one job."""
