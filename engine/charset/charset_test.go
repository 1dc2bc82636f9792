package charset

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"loupe/engine/fault"
)

// samples are texts of the languages for which an encoding is told apart.
var samples = map[string]string{
	"japanese": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。",
	"korean":   "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
	"simple":   "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
	"tradit":   "人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神相對待。",
	"russian":  "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
	"french":   "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité. « Où ? », dit-il — “là”.",
	"german":   "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen. Straße, Äpfel, Öl.",
	"portug":   "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade. Ações, pães, coração.",
	"english":  "It’s “all” right – £5, 20°C, naïve café.",
}

func TestUTF(t *testing.T) {
	units := func(s string, big bool) (b []byte) {
		for _, u := range utf16.Encode([]rune(s)) {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return b
	}
	s := "a text, with\nlines 😀 中"
	for name, b := range map[string][]byte{
		"UTF-8": []byte(s), "UTF-8 with a mark": []byte("\xef\xbb\xbf" + s),
		"UTF-16 LE": append([]byte("\xff\xfe"), units(s, false)...), "UTF-16 BE": append([]byte("\xfe\xff"), units(s, true)...),
		"UTF-16 LE, no mark": units(s, false), "UTF-16 BE, no mark": units(s, true),
	} {
		got, err := Decode("f", b)
		if err != nil || got.S != s || !strings.HasPrefix(name, got.Encoding) || got.Replaced != 0 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	if got, err := Decode("f", append(units(s, false), 0)); err == nil && got.Encoding == "UTF-16" && got.Replaced != 1 {
		t.Errorf("half a unit at the end: %+v %v", got, err)
	}
	if got, err := Decode("f", []byte("\xff\xfe\x3d\xd8a\x00")); err != nil || got.S != "\uFFFDa" || got.Replaced != 1 {
		t.Errorf("half a pair: %+v %v", got, err)
	}
	damaged := strings.Repeat("äöü ", 20) + "\xff\xfd" + strings.Repeat("äöü ", 20)
	if got, err := Decode("f", []byte(damaged)); err != nil || got.Encoding != "UTF-8" || got.Replaced != 1 || strings.Count(got.S, "\uFFFD") != 1 {
		t.Errorf("damaged: %+v %v", got, err)
	}
	if got, err := Decode("f", []byte("a\x00b"+strings.Repeat("c", 200))); err != nil || !strings.HasPrefix(got.S, "a\x00b") {
		t.Errorf("a NUL: %+v %v", got, err)
	}
}

func TestWestern(t *testing.T) {
	for _, of := range []string{"french", "german", "portug", "english"} {
		var b []byte
		for _, r := range samples[of] {
			if at := strings.IndexRune(string(western[:]), r); at >= 0 && r > 0xff {
				b = append(b, 0x80+byte(len([]rune(string(western[:])[:at]))))
			} else {
				b = append(b, byte(r))
			}
		}
		if got, err := Decode("f", b); err != nil || got.S != samples[of] || got.Encoding != "windows-1252" {
			t.Errorf("%s: %+v %v", of, got, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	random := make([]byte, 5000)
	x := uint32(1)
	for i := range random {
		x = x*1664525 + 1013904223
		random[i] = byte(x >> 24)
	}
	high := bytes.Repeat([]byte{0x81, 0xff, 0x80, 0xfe, 0xff, 0xff, ' '}, 50)
	for _, c := range []struct {
		b    string
		code fault.Code
	}{
		{"", fault.EmptyFile}, {" \n\t\r\n", fault.EmptyFile}, {"%PDF-1.4 text", fault.NotText}, {"PK\x03\x04text", fault.NotText},
		{string(random), fault.NotText}, {strings.Repeat("\x00", 100), fault.NotText}, {string(high), fault.BadEncoding},
	} {
		got, err := Decode("f", []byte(c.b))
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code || e.File != "f" {
			t.Errorf("%.20q: %+v %v", c.b, got, err)
		}
	}
}

// FuzzDecode: whatever the bytes, text of whole characters or a typed error.
func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s))
	}
	f.Add([]byte("\xff\xfea\x00b"))
	f.Add([]byte("\x82\xcc\x82\xc9"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Decode("f", b)
		var e *fault.Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Fatal(err)
		case err == nil && strings.ToValidUTF8(got.S, "") != got.S:
			t.Fatalf("%q is not UTF-8", got.S)
		}
	})
}

// BenchmarkDecode is 10 MB of UTF-8.
func BenchmarkDecode(b *testing.B) {
	text := []byte(strings.Repeat(samples["french"]+"\n", 10_000_000/(len(samples["french"])+1)))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Decode("f", text); err != nil {
			b.Fatal(err)
		}
	}
}
