"""The command line. Heavy parts are imported inside the commands, so that help and version come at once."""
