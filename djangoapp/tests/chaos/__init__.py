"""Payment chaos: random buyers, a payment service in a bad mood, notifications in any order, workers that die.

``make chaos N=10000 SEED=42`` plays until so many notifications were delivered; a short run is a test. Whatever
happened, afterwards every order stands in one legal state, places equal lines, and money equals orders.
"""
