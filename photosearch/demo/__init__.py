"""The demo: real photographs that Python packages carry, indexed and searched like anyone's own."""
