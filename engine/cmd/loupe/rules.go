package main

import (
	"cmp"
	"flag"
	"fmt"
	"strconv"

	"loupe/engine/protocol"
)

// ruleFlags registers the rules of a search, as transformers has them; 0 and false are none. What is not given is as the model's files say.
func ruleFlags(f *flag.FlagSet, d *protocol.Decode) {
	count := func(into *int) func(string) error {
		return func(s string) error {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 {
				return fmt.Errorf("%q is no whole number from 0 on", s)
			}
			*into = cmp.Or(n, -1)
			return nil
		}
	}
	f.Func("min-length", "", count(&d.Min))
	f.Func("no-repeat-ngram", "", count(&d.NoRepeat))
	f.Func("early-stopping", "", func(s string) error {
		early := map[string]string{"heuristic": "heuristic", "false": "heuristic", "first": "first", "true": "first", "never": "never"}[s]
		if early == "" {
			return fmt.Errorf("%q is not heuristic (false), first (true) or never", s)
		}
		d.Early = early
		return nil
	})
}
