import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veo_site.settings")

# As in manage.py: what is loaded here stays, and no search for garbage need look at it.
gc.disable()
application = get_wsgi_application()
gc.freeze()
gc.enable()
