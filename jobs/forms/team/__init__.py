"""The forms with which admins look after people, credits, prices and what nobody owns."""
