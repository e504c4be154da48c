from django.contrib.auth.base_user import BaseUserManager


class UserManager(BaseUserManager):
    """Makes users whose name at the door is their e-mail address."""

    use_in_migrations = True

    def _create(self, email: str, password: str | None, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields):
        """Make a customer's account. Without a password nobody can sign in to it."""
        return self._create(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields):
        """Make an account that may do everything. Whoever runs the command vouches for the address."""
        user = self._create(email, password, **{"is_staff": True, "is_superuser": True, **fields})
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        return user

    def get_by_natural_key(self, email: str):
        return self.get(email__iexact=email)
