"""Short and foreign forms of first names, so that Bob and Robert are one name."""

from __future__ import annotations

_FORMS = """
alexander alex sandy sascha xander | alexandra sandra | andrew andy drew andreas andre | anthony tony antonio toni
benjamin ben benny | barbara barb babs | catherine cathy kate katie kathy katherine kathryn katharina kathrin
charles charlie chuck carlos karl carl | christine chris tina christina kristina kirsten | christopher kit christoph
clara klara claire | daniel dan danny | david dave | deborah debbie deb | edward ed eddie ted eduard
elena helena helen ellen lena | elizabeth liz beth betty lisa eliza elisabeth elise libby | emily emma
eric erik erich | felix | francis frank francesco franz | frederick fred freddy friedrich fritz
george jorge georg giorgio | gerald gerry jerry | gregory greg | hanna hannah anna anne annie ann anja hanne
henry harry heinrich heinz enrico hank | hugo hugh | ines agnes | isabella bella isabel | jacob jake jakob
james jim jimmy jamie | jennifer jenny jen | jessica jess | john jack johnny johannes hans jan juan giovanni johann
jonas jonah | jonathan jon nathan | joseph joe joey josef giuseppe jose | joshua josh | julia julie juliane giulia
karin karen carina | kenneth ken | laura lauren laurie | lawrence larry laurence lars lorenz | leonard leo len
louis lou luis ludwig luigi | margaret maggie meg peggy margarete greta gretchen rita | maria mary marie molly mia
mark marc marcus markus marco | martin marty | matthew matt matthias matteo | michael mike mick michel miguel mikael
nicholas nick nicolas nikolaus klaus nico | nina antonina | olga helga | oscar oskar | patricia pat patty trish tricia
patrick paddy | paul pablo paolo pavel | peter pete petra pedro piotr | philip phil philipp filippo | rachel rae
rebecca becky becca | richard rick dick rich ricardo riccardo | robert bob bobby rob robbie roberto
ronald ron | rosa rose rosie rosemary | samuel sam sammy | sara sarah sally | simon simone | stephen steve steven
stefan stephan stefano esteban | susan sue susie susanne suzanne | tamara tara | theodore theo
thomas tom tommy tomas tommaso | timothy tim | victor viktor vic vittorio | victoria vicky tori
vincent vince vinny | walter walt wally | wendy gwendolyn gwen | william bill billy will willy liam wilhelm guillermo
wolfgang wolf | xavier javier | yusuf joseph yousef jusuf | zachary zach zack
"""
_ONLY_ONE = frozenset({"petra", "simone", "hanna", "hannah", "yusuf"})
"""Names in their own right that stand beside another's: they keep to themselves."""


def canonical_names(further: dict[str, str] | None = None) -> dict[str, str]:
    """Each form -> the name that it stands for; a name that is not listed stands for itself.

    A form that could stand for several names stands for the first of them.

    Example:
        >>> names = canonical_names({"Wolle": "Wolfgang"})
        >>> names["bob"], names["liz"], names["wolle"], "petra" in names
        ('robert', 'elizabeth', 'wolfgang', False)
    """
    found: dict[str, str] = {}
    for line in _FORMS.replace("\n", " | ").split("|"):
        forms = [form for form in line.split() if form not in _ONLY_ONE]
        for form in forms:
            found.setdefault(form, found.get(forms[0], forms[0]))
    own = {form.strip().lower(): name.strip().lower() for form, name in (further or {}).items()}
    return found | {form: found.get(name, name) for form, name in own.items()}
