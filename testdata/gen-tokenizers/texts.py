"""Text made for these tests: a few sentences in many scripts, and pieces that are hard to cut."""

SENTENCES = """\
The river runs past the old mill, and nobody has counted its stones.
She'd said they're late; we've heard it, I'm sure, and he'll know what's been done.
DON'T SHOUT: THEY'RE HERE, WE'VE COME, I'LL GO, IT'S FINE, HE'D KNOWN.
“Don’t,” said the baker, “it’s hot—and they’re hungry…”
In 1987, 3.14159 of 2,000,000 visitors paid £12.50 (or 15 €) at 09:45.
def count(xs): return {x: xs.count(x) for x in set(xs)}  # O(n²)
for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; } // dot
https://example.org/a/path?query=one&two=2#part, mail: someone@example.org
Der Müller fährt übers Wochenende nach Köln, weil die Straßenbahn ausfällt.
Le garçon a goûté la crème brûlée, puis s'est endormi près de l'âtre.
El niño pequeño preguntó: ¿dónde está el camión? ¡Aquí, señor!
O avô não põe pão à mesa às três da manhã.
La città è più bella perché piove così raramente.
De ijsbeer loopt zachtjes over het dunne ijs naar zijn kroost.
Příliš žluťoučký kůň přeběhl most a zmizel v mlze.
Wół źle żuł siano, a gęś płynęła łódką po rzece.
A fűrészelő ember új tűzifát árult a téli vásáron.
Kış gelince İstanbul'da ışıklar erken yanar, çocuklar üşür.
Ðað er þoka yfir fjörðinn og ævin líður hægt.
Трое рыбаков ждали рассвета, а лодка тихо качалась у берега.
Їжак знайшов ґудзик біля під'їзду й поніс його додому.
Η θάλασσα ήταν ήρεμη και ο ψαράς τραγουδούσε σιγά.
הילד הקטן שאל את סבתו איפה מסתתר הירח ביום.
كان الصياد يجلس قرب النهر وينتظر أن تشرق الشمس.
در کنار رودخانه پیرمردی نشسته بود و می‌خندید.
دریا کے کنارے ایک بوڑھا آدمی کہانی سنا رہا تھا۔
नदी के किनारे बैठा बूढ़ा मछुआरा बच्चों को कहानी सुनाता था।
নদীর ধারে বসে বুড়ো মাঝি গান গাইছিল।
ਦਰਿਆ ਦੇ ਕੰਢੇ ਬੱਚੇ ਖੇਡ ਰਹੇ ਸਨ।
நதிக்கரையில் அமர்ந்த முதியவர் கதை சொன்னார்.
నది ఒడ్డున కూర్చున్న ముసలివాడు కథ చెప్పాడు.
പുഴയുടെ തീരത്ത് കുട്ടികൾ കളിക്കുകയായിരുന്നു.
ริมแม่น้ำมีชายชราคนหนึ่งนั่งเล่านิทานให้เด็กฟัง
ຢູ່ແຄມນ້ຳມີຜູ້ເຖົ້ານັ່ງຢູ່.
မြစ်ကမ်းမှာ အဘိုးအို ပုံပြောနေတယ်။
នៅមាត់ទន្លេមានតាចាស់ម្នាក់អង្គុយ។
མཚོ་འགྲམ་དུ་རྒན་པོ་ཞིག་བསྡད་འདུག
河边的老渔夫给孩子们讲故事，月亮慢慢升起来了。
河邊的老漁夫給孩子們講故事，月亮慢慢升起來了。
川のほとりで、おじいさんが子どもたちに昔話をしていた。
カタカナとひらがなと漢字がまざった、１２３の文です。
강가에 앉은 할아버지가 아이들에게 옛날이야기를 들려주었다.
მდინარის პირას მოხუცი ზღაპარს ყვებოდა.
Գետի ափին ծերունին հեքիաթ էր պատմում։
በወንዙ ዳር አንድ ሽማግሌ ተረት ይናገሩ ነበር።
ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᐃᓄᒃᑎᑐᑦ ⵜⴰⵎⴰⵣⵉⵖⵜ ߒߞߏ ꯃꯤꯇꯩ ᠮᠣᠩᠭᠣᠯ
Dòng sông chảy qua làng cũ, và bà kể chuyện cho lũ trẻ nghe.
Mzee aliketi kando ya mto akiwasimulia watoto hadithi.
""".splitlines()

CONTRACTIONS = """'s 't 're 've 'm 'll 'd 'S 'T 'RE 'VE 'M 'LL 'D 'Re 'vE 'lL ’s ’t ’re ’ll ‘s `s ´s 'x 'r 'v 'l 'sun 'tis 'rest 'very 'llama 'day
it's don't we're I've I'm we'll he'd IT'S DON'T it’s don’t y'all'd've rock'n'roll 'twas o'clock s' ''s '''re 's's't 1's 's1 é's 'é 'ſ d'd'd""".split()

DIGITS = ["0", "42", "1234567890", "3.14", "1,000", "-7", "1e-9", "0x1F", "٠١٢٣٤٥٦٧٨٩", "۱۲۳۴", "०१२३", "๑๒๓", "１２３", "一二三", "Ⅳ", "ⅻ", "½", "²³",
          "①②", "㊷", "𝟙𝟚", "a1b2", "1st", "２nd", "߁߂", "௧௨", "𐒠𐒡", "〇", "1 2 3", "1２٣४", "12x", "x12", "9’s"]

EMOJI = ["🙂", "👍🏽", "👩‍🚀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇮🇯🇵", "❤️", "❤", "☎️", "1️⃣", "🧑🏿‍🤝‍🧑🏻", "🫠🫨", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "a🙂b", "🙂🙂🙂", " 🙂", "🙂 ", "‍", "️"]

SPACES = [" ", "  ", "   ", "\n", "\n\n", "\t", "\t\t ", "\r\n", "\r", " \n", "\n ", " \t", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u00a0", "\u1680",
          "\u180e", "\u2000", "\u2003", "\u2009", "\u200a", "\u200b", "\u200c", "\u200d", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff",
          " \u00a0", "\u00a0 ", "\u3000\u3000", "\u2028\n", "\x85 ", " \u3000 ", "\u00ad"]

PUNCTUATION = ["!", "!!!", "?!", "...", "…", "--", "—", "_", "__init__", "#", "@", "$", "€", "£", "%", "&", "*", "**", "()", "[]", "{}", "<>", "</a>", "\"", "“”", "«»", "„“",
               "¿", "¡", "、", "。", "「」", "（）", "·", "•", "←→", "∀x∃y", "√2", "≤≥", "°C", "©®™", "§", "¶", "~", "^", "|", "\\", "\\n", "/", "//", "=>", "->", "!=", "'", "''", "'''", "`", "```"]

MARKS = ["\u0301", "\u0308", "\u0327", "\u20dd", "\u093c", "\u094d", "\u05b0", "\u064e", "\u0e31", "\u3099", "\ufe0f", "\U000e0100", "\u034f"]

# Lines that stand for themselves.
ALONE = ["", " ", "a", "é", "e\u0301", "e\u0301\u0323", "q\u0307\u0323 x\u0302", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤a̴l͇̺g̡o", "\x00", "a\x00b", "\x7f", "\x1b[0m", "\ufffd", "\ufffe", "\U0010ffff", "\ue000",
         "ﬁﬂ", "ǅ", "ß", "ẞ", "İ", "ı", "ſ", "K", "Å", "ª", "º", "ʰ", "ʼ", "々", "〆", "ー", "ゝ", "ـ", "٪", "\u200fשלום\u200e", "a\u202eb", "x²", "H₂O", "ⓐ", "Ⓐ", "𝒜𝓑", "𐐷", "𠀀𠮷", "꙰",
         "<|endoftext|>", "a<|endoftext|>b", " <|endoftext|> ", "<|endoftext|><|endoftext|>", "<|endoftext|", "<<|endoftext|>>", "x  <|endoftext|>  y", "\n<|endoftext|>\n",
         "\U0002ebf0", "\U00011380", "\U00010d40", "\u1c89", "a\U0002ebf0b", "1\U00010d41"]
