package pre

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/tokenizer/text"
)

// GPT2 is the pattern that the byte-level pre-tokenizer has of its own.
var GPT2 = scan(gpt2.next)

// Known is the scanner for a pattern that tokenizers' files name, by its text; false: none of these.
func Known(pattern string) (Pattern, bool) {
	p, ok := known[pattern]
	if !ok {
		p, ok = known[plain.Replace(pattern)]
	}
	return p, ok
}

// plain spells one way what files spell in several, where it means the same: new lines themselves, possessive quantifiers whose
// backtracking could find nothing, and the two cases of contractions.
var plain = strings.NewReplacer("\r", `\r`, "\n", `\n`, "?+", "?", "++", "+", "*+", "*", "{1,3}+", "{1,3}", `\s*[\r\n]|`, `\s*[\r\n]+|`,
	"'(?i:[sdmt]|ll|ve|re)", smallOrCapital, "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])", smallOrCapital)

const (
	smallOrCapital = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
	gptEnd         = ` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	slashEnd       = ` ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	capitals       = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
	noSmall        = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
	gpt2Words      = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)`
	anyWords       = smallOrCapital + `|[^\r\n\p{L}\p{N}]?\p{L}+|`
)

var known = map[string]Pattern{
	gpt2Words:                         GPT2,
	gpt2Words + `|\s+`:                GPT2,
	anyWords + `\p{N}{1,3}|` + gptEnd: scan(cl100k.next),
	anyWords + `\p{N}|` + gptEnd:      scan(qwen2.next),
	anyWords + `\p{N}+|` + gptEnd:     scan(miniCPM5.next),
	smallOrCapital + `|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`: scan(qwen35.next),
	`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|` + gptEnd:                                                                                                       scan(noEnglish.next),
	anyWords + `\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+`:                                                                            scan(seedCoder.next),
	capitals + smallOrCapital + `?|` + noSmall + smallOrCapital + `?|\p{N}{1,3}|` + slashEnd:                                                         scan(o200k.next),
	capitals + `|` + noSmall + `|\p{N}|` + slashEnd:                                                                                                  scan(tekken.next),
	`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`:                                                                                      scan(clip.next),
	`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`:                                                    scan(clip.next),
	`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` + "`" + `{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`: scan(deepseek3),

	`\p{N}{1,3}`:                           scan((&words{lead: leadAny, digits: 3}).number),
	`\p{N}`:                                Chars(isNumber),
	`\p{N}+`:                               runs(isNumber),
	`\d`:                                   Chars(isDigit),
	`\d+`:                                  runs(isDigit),
	`[0-9]`:                                Chars(isASCIIDigit),
	`[0-9]+`:                               runs(isASCIIDigit),
	`[0-9][0-9][0-9]`:                      scan(threeDigits),
	`\d{1,3}(?=(?:\d{3})*\b)`:              thousands,
	`\s`:                                   Chars(unicode.IsSpace),
	`\s+`:                                  runs(unicode.IsSpace),
	`\S+`:                                  runs(func(r rune) bool { return !unicode.IsSpace(r) }),
	`\s+$`:                                 lineEnd,
	` `:                                    Literal(" "),
	` +`:                                   runs(func(r rune) bool { return r == ' ' }),
	`\n`:                                   Literal("\n"),
	`\n+`:                                  runs(func(r rune) bool { return r == '\n' }),
	`[\r\n]`:                               Chars(func(r rune) bool { return r == '\r' || r == '\n' }),
	`[^\n]+|[\n]+`:                         scan(oneLine),
	`\w+|[^\w\s]+`:                         scan(wordOrOther),
	`\p{P}`:                                Chars(func(r rune) bool { return text.ClassOf(r) == text.Punct }),
	`\s?\p{L}+`:                            spaced(func(r rune) bool { return text.ClassOf(r)&text.Letter != 0 }),
	`\s?\p{P}+`:                            spaced(func(r rune) bool { return text.ClassOf(r) == text.Punct }),
	`\s?[` + class(deepseekSigns) + `]+`:   spaced(in(deepseekSigns)),
	`\s?[` + class(deepseekLetters) + `]+`: spaced(in(deepseekLetters)),
	`[` + class(deepseekHan) + `]+`:        runs(in(deepseekHan)),
	`[` + class(japanese) + `]+`:           runs(in(japanese)),
	bloom:                                  scan(bloomWord),
	` ?[^(\s|.,!?…。，、।۔،)]+`:               scan(bloomWord),
	`[\p{P}\$\+<=>\^~\|]+`:                 runs(falconSign("")),
	"[\\p{P}\\$\\+<=>\\^~\\|`]+":           runs(falconSign("`")),
}

// deepseekLetters are the ranges of DeepSeek's letters: those that have a case.
const deepseekLetters = "AZaz\u00b5\u00b5\u00c0\u00d6\u00d8\u00f6\u00f8\u01ba\u01bc\u01bf\u01c4\u0293\u0295\u02af\u0370\u0373" +
	"\u0376\u0377\u037b\u037d\u037f\u037f\u0386\u0386\u0388\u038a\u038c\u038c\u038e\u03a1\u03a3\u03f5\u03f7\u0481" +
	"\u048a\u052f\u0531\u0556\u10a0\u10c5\u13a0\u13f5\u13f8\u13fd\u1c90\u1cba\u1cbd\u1cbf\u1d00\u1d2b\u1d6b\u1d77" +
	"\u1d79\u1d9a\u1e00\u1f15\u1f18\u1f1d\u1f20\u1f45\u1f48\u1f4d\u1f50\u1f57\u1f59\u1f59\u1f5b\u1f5b\u1f5d\u1f5d" +
	"\u1f5f\u1f7d\u1f80\u1fb4\u1fb6\u1fbc\u1fbe\u1fbe\u1fc2\u1fc4\u1fc6\u1fcc\u1fd0\u1fd3\u1fd6\u1fdb\u1fe0\u1fec" +
	"\u1ff2\u1ff4\u1ff6\u1ffc\u2102\u2102\u2107\u2107\u210a\u2113\u2115\u2115\u2119\u211d\u2124\u2124\u2126\u2126" +
	"\u2128\u2128\u212a\u212d\u212f\u2134\u2139\u2139\u213c\u213f\u2145\u2149\u214e\u214e\u2183\u2184\u2c00\u2c7b" +
	"\u2c7e\u2ce4\u2ceb\u2cee\u2cf2\u2cf3\ua640\ua66d\ua680\ua69b\ua722\ua76f\ua771\ua787\ua78b\ua78e\uab70\uabbf" +
	"\ufb00\ufb06\ufb13\ufb17\uff21\uff3a\uff41\uff5a\U00010400\U0001044f\U000104b0\U000104d3\U000104d8\U000104fb" +
	"\U00010c80\U00010cb2\U00010cc0\U00010cf2\U000118a0\U000118df\U0001e900\U0001e943"

const (
	deepseekSigns = "!/:~\uff01\uff0f\uff1a\uff5e\u2018\u201f\u3000\u3002"
	deepseekHan   = "\u4e00\u9fa5\u0800\u4e00\uac00\ud7ff"
	japanese      = "\u4e00\u9fa5\u3040\u309f\u30a0\u30ff"
)

// class writes ranges as a pattern has them.
func class(ranges string) string {
	var s strings.Builder
	for rs := []rune(ranges); len(rs) > 0; rs = rs[2:] {
		s.WriteRune(rs[0])
		if rs[1] > rs[0]+1 {
			s.WriteByte('-')
		}
		if rs[1] > rs[0] {
			s.WriteRune(rs[1])
		}
	}
	return s.String()
}

const bloom = ` ?[^(\s|[.,!?…。，、।۔،])]+`

// bloomWord is BLOOM's word: anything but white space and some punctuation.
func bloomWord(s string) int {
	n := 0
	if s[0] == ' ' {
		n = 1
	}
	for i, r := range s[n:] {
		if unicode.IsSpace(r) || strings.ContainsRune("(|.,!?…。，、।۔،)", r) {
			if i == 0 {
				return 0
			}
			return n + i
		}
	}
	if n == len(s) {
		return 0
	}
	return len(s)
}

func falconSign(more string) func(rune) bool {
	return func(r rune) bool { return text.ClassOf(r) == text.Punct || strings.ContainsRune("$+<=>^~|"+more, r) }
}

// deepseek3 is the last of DeepSeek V3's three patterns; numbers were cut before.
func deepseek3(s string) int {
	if s[0] < 0x80 && text.IsPunctuation(rune(s[0])) {
		n := 1
		for n < len(s) && s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' {
			n++
		}
		if n > 1 {
			return n
		}
	}
	if c, n := text.At(s); c&(text.Letter|text.Punct|text.Symbol) == 0 && s[0] != '\r' && s[0] != '\n' {
		if k := text.Run(s[n:], text.Letter|text.Mark); k > 0 {
			return n + k
		}
	}
	if n := text.Run(s, text.Letter|text.Mark); n > 0 {
		return n
	}
	n := 0
	if s[0] == ' ' {
		n = 1
	}
	if k := text.Run(s[n:], text.Punct|text.Symbol); k > 0 {
		n += k
		return n + len(s[n:]) - len(strings.TrimLeft(s[n:], "\r\n"))
	}
	return cl100k.white(s)
}

func isDigit(r rune) bool      { return unicode.IsDigit(r) }
func isASCIIDigit(r rune) bool { return r >= '0' && r <= '9' }

func threeDigits(s string) int {
	if len(s) < 3 || !isASCIIDigit(rune(s[0])) || !isASCIIDigit(rune(s[1])) || !isASCIIDigit(rune(s[2])) {
		return 0
	}
	return 3
}

// thousands cuts a number into threes from its end, if no letter follows it.
func thousands(s string, at int) (from, to int) {
	if last, _ := utf8.DecodeLastRuneInString(s[:at]); isDigit(last) { // the last match left threes
		if n := threes(s[at:]); n > 0 {
			return at, at + n
		}
	}
	for at < len(s) {
		i := strings.IndexFunc(s[at:], isDigit)
		if i < 0 {
			break
		}
		at += i
		var places []int // of the digits
		end := len(s)
		for k, r := range s[at:] {
			if !isDigit(r) {
				end = at + k
				break
			}
			places = append(places, at+k)
		}
		if !wordFollows(s[end:]) {
			first := (len(places)-1)%3 + 1
			if first < len(places) {
				return at, places[first]
			}
			return at, end
		}
		at = end
	}
	return -1, -1
}

// threes is the length of three digits, or 0.
func threes(s string) int {
	n := 0
	for range 3 {
		r, k := utf8.DecodeRuneInString(s[n:])
		if !isDigit(r) {
			return 0
		}
		n += k
	}
	return n
}

// wordFollows reports whether s begins with what a pattern's \w means: to Oniguruma, fractions and powers too.
func wordFollows(s string) bool {
	for _, r := range s {
		return text.IsWord(r) && r != 0x200c && r != 0x200d || strings.ContainsRune("²³¹¼½¾", r)
	}
	return false
}

// lineEnd is white space at the end of a line.
func lineEnd(s string, at int) (from, to int) {
	for at < len(s) {
		i := strings.IndexFunc(s[at:], unicode.IsSpace)
		if i < 0 {
			break
		}
		at += i
		n := text.Run(s[at:], text.Space)
		if at+n == len(s) {
			return at, len(s)
		}
		if k := strings.LastIndexByte(s[at:at+n], '\n'); k > 0 {
			return at, at + k
		}
		at += n
	}
	return -1, -1
}

func oneLine(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return (r == '\n') != (s[0] == '\n') })
	if n < 0 {
		return len(s)
	}
	return n
}

// runs matches as many characters that is holds as stand together.
func runs(is func(rune) bool) Pattern {
	return func(s string, at int) (from, to int) {
		i := strings.IndexFunc(s[at:], is)
		if i < 0 {
			return -1, -1
		}
		from = at + i
		if n := strings.IndexFunc(s[from:], func(r rune) bool { return !is(r) }); n >= 0 {
			return from, from + n
		}
		return from, len(s)
	}
}

// spaced matches runs, and one white space before them.
func spaced(is func(rune) bool) Pattern {
	run := func(s string) int {
		if n := strings.IndexFunc(s, func(r rune) bool { return !is(r) }); n >= 0 {
			return n
		}
		return len(s)
	}
	return scan(func(s string) int {
		if c, n := text.At(s); c == text.Space {
			if k := run(s[n:]); k > 0 {
				return n + k
			}
		}
		return run(s)
	})
}

// in holds the characters of ranges: pairs of a first and a last.
func in(ranges string) func(rune) bool {
	rs := []rune(ranges)
	return func(r rune) bool {
		for i := 0; i < len(rs); i += 2 {
			if r >= rs[i] && r <= rs[i+1] {
				return true
			}
		}
		return false
	}
}

// Patterns that are long to write.
var (
	DeepseekLetters = `\s?[` + class(deepseekLetters) + `]+`
	DeepseekSigns   = `\s?[` + class(deepseekSigns) + `]+`
	DeepseekHan     = `[` + class(deepseekHan) + `]+`
	Japanese        = `[` + class(japanese) + `]+`
)
