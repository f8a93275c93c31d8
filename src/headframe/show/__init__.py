"""What people see: charts, page sections, the page itself, the workbook and the terminal summary."""
