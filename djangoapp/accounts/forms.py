from django import forms


class SignupForm(forms.Form):
    """What signing up asks beside e-mail address and password: nothing."""

    def signup(self, request, user) -> None:
        """allauth calls this once the account exists."""
