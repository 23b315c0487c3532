"""File formats of tables: delimited text, Parquet, JSON, workbooks."""
