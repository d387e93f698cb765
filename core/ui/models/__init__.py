"""The Models page: studies and runs, compared and one by one."""
