"""By what people prove who they are: passwords, second factors, another's word; and its end."""
