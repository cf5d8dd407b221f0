"""The mode of builds: what is to be built, and the builds that are kept."""
