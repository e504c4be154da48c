"""The mails about orders, each rendered at the moment it is sent."""
