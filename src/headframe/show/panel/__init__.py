"""The view across many places: page, workbook and terminal."""
