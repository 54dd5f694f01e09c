"""A run to take along: its recording, the report, and the view in a notebook."""
