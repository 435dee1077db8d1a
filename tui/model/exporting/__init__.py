"""What an export can be written as: exact lines, a table, shell commands, a suite of tests."""

from tui.model.exporting.forms import CSV, CURL, FORMS, NDJSON, PYTEST, Form, Kind, form_of, kind_of

__all__ = ["CSV", "CURL", "FORMS", "NDJSON", "PYTEST", "Form", "Kind", "form_of", "kind_of"]
