"""One build: its steps as a timeline while it runs, and where its time went afterwards."""
