"""Fields as people and screen readers meet them: label, control, error and hint belong together."""

import re

import pytest
from django import forms
from django.template.loader import render_to_string


class Booking(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="Your tickets go there.")
    company = forms.CharField(label="Company", required=False)
    language = forms.ChoiceField(
        label="Language", widget=forms.RadioSelect, choices=[("en", "English"), ("de", "Deutsch")]
    )
    terms = forms.BooleanField(label="I agree to the terms.")
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        if self.cleaned_data.get("company") == "Closed":
            raise forms.ValidationError("We cannot book for this company.")


def whole(**answers) -> str:
    return str(Booking({"language": "en", "terms": "on", "token": "t", **answers}))


def described_by(html: str, control: str) -> list[str]:
    tag = re.search(rf"<[^>]*{control}[^>]*>", html)[0]
    return re.search(r'aria-describedby="([^"]*)"', tag)[1].split()


def test_a_wrong_answer_is_tied_to_its_error_and_its_hint():
    html = whole(email="ana at example")

    ids = described_by(html, 'name="email"')
    assert ids == ["id_email_helptext", "id_email_error"]
    for name in ids:
        assert html.count(f'id="{name}"') == 1
    assert 'aria-invalid="true"' in re.search(r'<input[^>]*name="email"[^>]*>', html)[0]
    assert 'class="field wrong"' in html


def test_a_right_answer_bears_no_error():
    html = whole(email="ana@example.org")

    assert "aria-invalid" not in html
    assert 'class="errors"' not in html
    assert described_by(html, 'name="email"') == ["id_email_helptext"]


def test_above_the_form_each_wrong_field_is_one_step_away():
    html = whole(email="ana at example", terms="")

    summary = html[: html.index('name="email"')]
    assert "autofocus" in summary
    assert 'href="#id_email"' in summary
    assert 'href="#id_terms"' in summary


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"company": "Closed"}, "We cannot book for this company."),
        ({"token": ""}, "This field is required."),
    ],
    ids=["the form as a whole", "a hidden field"],
)
def test_what_no_visible_field_shows_is_said_above(answers, words):
    html = whole(email="ana@example.org", **answers)

    assert words in html[: html.index('name="email"')]


def test_what_may_be_left_out_is_said():
    html = str(Booking())

    assert "(optional)" in html[html.index("Company") : html.index('name="company"')]
    assert html.count("(optional)") == 1


def test_a_form_of_wishes_does_not_repeat_that_all_are_optional():
    class Filter(Booking):
        mark_optional = False

    assert "(optional)" not in str(Filter())


def test_choices_form_a_group_with_a_name():
    html = str(Booking())

    group = html[html.index("<fieldset") : html.index("</fieldset>")]
    assert "<legend>Language" in group
    assert group.count('type="radio"') == 2


def test_the_words_of_a_box_to_tick_stand_behind_it_and_tick_it():
    html = str(Booking())

    label = re.search(r'<label class="check" for="id_terms">.*?</label>', html, re.S)[0]
    assert label.index('type="checkbox"') < label.index("I agree to the terms.")


def test_a_placeholder_that_repeats_the_label_is_left_out():
    class Login(forms.Form):
        email = forms.EmailField(
            label="Email", widget=forms.EmailInput(attrs={"placeholder": "Email address"})
        )
        code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"placeholder": "ABCD-EFGH"}))

    html = str(Login())

    assert "Email address" not in html
    assert 'placeholder="ABCD-EFGH"' in html


def test_paragraphs_look_like_everything_else():
    assert Booking().as_p() == str(Booking())


def test_a_field_alone_is_drawn_by_the_same_hand():
    form = Booking()

    assert form["email"].as_field_group() in str(form)


def test_errors_may_be_shown_apart_from_the_fields():
    form = Booking({"email": "x"})

    html = render_to_string("includes/form_errors.html", {"form": form})

    assert 'href="#id_email"' in html
    assert 'name="email"' not in html
