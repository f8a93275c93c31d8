"""Reading: from any file or pasted text to described tables, knowing nothing yet of indicators or places."""
