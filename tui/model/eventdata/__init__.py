"""What each type of event says, as facts: one file a family, all of them tolerant of whatever Knock sends."""
