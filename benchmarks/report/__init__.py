"""What was measured, for people: tables, plots and a document. No figure depends on what is in here."""
