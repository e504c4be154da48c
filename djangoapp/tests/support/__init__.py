"""What tests stand on: a closed network, two databases, a browser, and servers to talk to.

The modules are pytest plugins, loaded by ``djangoapp/conftest.py``.
"""
