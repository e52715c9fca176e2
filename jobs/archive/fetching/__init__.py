"""Files on their way in: over the network, one worker each, and on to the bucket."""
