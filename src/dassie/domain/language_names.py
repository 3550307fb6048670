"""What languages call themselves.

Babel knows it too, but has to read the data of nearly 200 locales for it: seconds, and a hundred megabytes that stay.
"""

from __future__ import annotations

_NAMES = (
    "aa=Qafar|ab=Аԥсшәа|ae=Avestan|af=Afrikaans|ak=Akan|am=አማርኛ|an=aragonés|ar=العربية|as=অসমীয়া|"
    "ast=asturianu|av=Avaric|ay=Aymara|az=azərbaycan|ba=башҡорт теле|be=беларуская|bg=български|bi=Bislama|"
    "bm=bamanakan|bn=বাংলা|bo=བོད་སྐད་|br=brezhoneg|bs=bosanski|ca=català|ce=нохчийн|ch=Chamorro|chr=ᏣᎳᎩ|"
    "ckb=کوردیی ناوەندی|cnr=crnogorski|co=corsu|cr=Cree|cs=čeština|csb=Kashubian|"
    "cu=церковнослове́нскїй|cv=чӑваш|cy=Cymraeg|da=dansk|de=Deutsch|dv=ދިވެހިބަސް|dz=རྫོང་ཁ|ee=eʋegbe|"
    "el=Ελληνικά|en=English|eo=Esperanto|es=español|et=eesti|eu=euskara|fa=فارسی|ff=Pulaar|fi=suomi|fj=Fijian|"
    "fo=føroyskt|fr=français|fy=Frysk|ga=Gaeilge|gd=Gàidhlig|gl=galego|gn=avañe’ẽ|gsw=Schwiizertüütsch|"
    "gu=ગુજરાતી|gv=Gaelg|ha=Hausa|he=עברית|hi=हिन्दी|ho=Hiri Motu|hr=hrvatski|ht=Kreyòl Ayisyen|hu=magyar|"
    "hy=հայերեն|hz=Herero|ia=interlingua|id=Indonesia|ie=Interlingue|ig=Igbo|ii=ꆈꌠꉙ|ik=Inupiaq|io=Ido|"
    "is=íslenska|it=italiano|iu=ᐃᓄᒃᑎᑐᑦ|ja=日本語|jbo=la .lojban.|jv=Jawa|ka=ქართული|kab=Taqbaylit|kg=Kongo|"
    "ki=Gikuyu|kj=Kuanyama|kk=қазақ тілі|kl=kalaallisut|km=ខ្មែរ|kn=ಕನ್ನಡ|ko=한국어|kr=Kanuri|ks=کٲشُر|"
    "ku=kurdî (kurmancî)|kv=Komi|kw=kernewek|ky=кыргызча|la=Latina|lb=Lëtzebuergesch|ldn=Láadan|"
    "lfn=Lingua Franca Nova|lg=Luganda|li=Limburgish|ln=lingála|lo=ລາວ|lt=lietuvių|lu=Tshiluba|lv=latviešu|"
    "mg=Malagasy|mh=Marshallese|mi=Māori|mk=македонски|ml=മലയാളം|mn=монгол|moh=Kanienʼkéha|mr=मराठी|ms=Melayu|"
    "mt=Malti|my=မြန်မာ|na=Nauru|nb=norsk bokmål|nd=isiNdebele|nds=Neddersass’sch|ne=नेपाली|ng=Ndonga|"
    "nl=Nederlands|nn=norsk nynorsk|no=norsk|nr=isiNdebele|nv=Diné Bizaad|ny=Nyanja|oc=occitan|oj=Ojibwa|"
    "om=Oromoo|or=ଓଡ଼ିଆ|os=ирон|pa=ਪੰਜਾਬੀ|pdc=Pennsylvania German|pi=Pali|pl=polski|ps=پښتو|pt=português|"
    "qu=Runasimi|rm=rumantsch|rn=Ikirundi|ro=română|ru=русский|rw=Ikinyarwanda|sa=संस्कृत भाषा|sc=sardu|"
    "sco=Scots|sd=سنڌي|se=davvisámegiella|sg=Sängö|si=සිංහල|sk=slovenčina|sl=slovenščina|sm=Samoan|"
    "sma=Åarjelsaemien gïele|smj=julevsámegiella|sn=chiShona|so=Soomaali|sq=shqip|sr=српски|ss=siSwati|"
    "st=Sesotho|su=Basa Sunda|sv=svenska|sw=Kiswahili|szl=ślōnski|ta=தமிழ்|te=తెలుగు|tg=тоҷикӣ|th=ไทย|ti=ትግርኛ|"
    "tk=türkmen dili|tl=Tagalog|tn=Setswana|to=lea fakatonga|tok=toki pona|tr=Türkçe|ts=Xitsonga|"
    "tt=татар|tw=Twi|ty=Tahitian|ug=ئۇيغۇرچە|uk=українська|ur=اردو|uz=o‘zbek|vai=ꕙꔤ|ve=Tshivenḓa|"
    "vi=Tiếng Việt|vo=Volapük|wa=walon|wo=Wolof|xal=Kalmyk|xh=IsiXhosa|yi=ייִדיש|yo=Èdè Yorùbá|za=Vahcuengh|"
    "zba=Balaibalan|zgh=ⵜⴰⵎⴰⵣⵉⵖⵜ|zh=中文|zh-CN=中文 (简体, 中国)|zh-HK=中文 (繁體字, 中國香港特別行政區)|"
    "zh-TW=中文 (繁體, 台灣)|zh-YUE=粵語|zu=isiZulu"
)

OWN_NAMES: dict[str, str] = dict(pair.split("=", 1) for pair in _NAMES.split("|"))
"""By the codes of `domain/languages.py`, in their order."""
