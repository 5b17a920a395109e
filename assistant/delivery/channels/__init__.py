"""Channels (渠道) carry messages to people: e-mail, the robots of group chats, programs."""
