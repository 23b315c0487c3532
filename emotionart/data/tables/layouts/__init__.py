"""Reading of tables and folders in the layouts that users bring."""
