"""What the stand-in knows of money: codes, decimals, smallest charge. Amounts are minor units."""

CURRENCIES = frozenset(
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bif bmd bnd bob brl bsd bwp byn bzd"
    " cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf"
    " gtq gyd hkd hnl htg huf idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lak lbp lkr lrd"
    " lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk"
    " php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs top"
    " try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw".split()
)

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())

# Below this Stripe refuses a card charge, in whatever way the total came about.
_SMALLEST_CHARGE = {
    "aed": 200,
    "bgn": 100,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}


def smallest_charge(currency):
    return _SMALLEST_CHARGE.get(currency, 50)


def show(amount, currency):
    """``8550, "chf"`` → ``CHF 85.50``; ``1200, "jpy"`` → ``JPY 1200``."""
    if currency in ZERO_DECIMAL:
        return f"{currency.upper()} {amount}"
    sign = "-" if amount < 0 else ""
    return f"{currency.upper()} {sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
