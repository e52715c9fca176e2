import gc
import os
import warnings

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veo_site.settings")

# gunicorn.py says in one sentence, in the form of the log, that static files were not collected.
warnings.filterwarnings("ignore", message="No directory at")

# As in manage.py: what is loaded here stays, and no search for garbage need look at it.
gc.disable()
application = get_wsgi_application()
gc.freeze()
gc.enable()
