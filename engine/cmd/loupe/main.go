// Command loupe is the engine without a page, for engineers and scripts: it asks engine/service what the page asks.
//
//	loupe inspect FILE... [--json]
//	loupe run MODEL --text T | --ids 1,2,3 [flags]
//	loupe translate MODEL --text T | --text-file F [flags]
//	loupe tokenize MODEL --text T [--json]
//	loupe project VECTORS --out y.npy [flags]
//	loupe neighbors VECTORS WORD|"king - man + woman" [flags]
//	loupe states MODEL --text-file F --layer L --source cell --out x.npy
//	loupe match MODEL --text-file F --layer L --source hidden --at a:b --threshold l [flags]
//	loupe score MODEL --pairs FILE [flags]
//
// MODEL is a file, a folder, or the name of a built-in model; VECTORS too: the rows of its input embedding. Exit codes: 0; 1, the input is bad (one line on
// standard error); 2, usage.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// command is a subcommand: it reads its own arguments. On errs it may write notes; Main writes the error that it returns.
type command struct {
	name, usage string
	run         func(args []string, out, errs io.Writer) error
}

// commands is the table of subcommands.
var commands = []command{
	{"inspect", "inspect FILE... [--json]", inspect},
	{"run", `run MODEL --text T | --ids 1,2,3 [--generate N] [--greedy | --temperature T --top-k K --top-p P --min-p P --seed S]
          [--top N] [--set NAME@POS[,HEAD|UNIT]=VALUE]... [--record GLOB]... [--out run.npz] [--chat] [--json]
          [--weights FILE] [--config KEY=VALUE]... [--numbers]`, run},
	{"translate", `translate MODEL --text T | --text-file F [--beam N] [--n-best N] [--prefix "WORD WORD"] [--reference TARGET] [--max-length N]
          [--length-penalty A [--wu]] [--coverage-penalty B] [--min-length N] [--no-repeat-ngram N] [--early-stopping heuristic|first|never]
          [--change NAME@POS[,HEAD|UNIT]:OP[=VALUE]]... [--record GLOB]... [--out run.npz]
          [--json] [--weights FILE] [--config KEY=VALUE]... [--numbers]`, translate},
	{"tokenize", "tokenize MODEL --text T [--json]", tokenize},
	{"project", `project VECTORS --out y.npy|y.tsv|y.csv [--method pca|tsne|exact] [--dims 2|3] [--perplexity P] [--iterations N] [--seed S]
          [--metric cosine|euclidean] [--max ROWS]`, project},
	{"neighbors", `neighbors VECTORS WORD|"king - man + woman" [--k N] [--metric cosine|euclidean|dot] [--json]`, neighbors},
	{"states", `states MODEL --text-file F | --text T --layer L --source cell --out x.npy [--column C]
          [--weights FILE] [--config KEY=VALUE]... [--numbers]`, states},
	{"match", `match MODEL --text-file F | --text T --layer L --source hidden --at a:b --threshold l [--on above|below|either]
          [--margin-left N] [--margin-right N] [--least N] [--strict] [--across] [--corpus F] [--column C] [--max N] [--json]
          [--weights FILE] [--config KEY=VALUE]... [--numbers]`, matchUnits},
	{"score", `score MODEL --pairs FILE [--references FILE] [--source C] [--target C] [--beam N] [--most N] [--length-penalty A [--wu]]
          [--coverage-penalty B] [--min-length N] [--no-repeat-ngram N] [--early-stopping heuristic|first|never]
          [--sort order|distance|logp|gap] [--only wrong|search|model] [--max N] [--json] [--weights FILE] [--config KEY=VALUE]... [--numbers]`, score},
}

// usageError is a mistake in the arguments; any other error is bad input.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) }

// Main runs the command line and returns its exit code.
func Main(args []string, out, errs io.Writer) int {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name != args[0] {
				continue
			}
			err := c.run(args[1:], out, errs)
			var u usageError
			switch {
			case err == nil:
				return 0
			case errors.As(err, &u):
				fmt.Fprintf(errs, "loupe %s: %v\nusage: loupe %s\n", c.name, err, c.usage)
				return 2
			}
			fmt.Fprintf(errs, "loupe: %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
			return 1
		}
		if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
			printUsage(out)
			return 0
		}
	}
	printUsage(errs)
	return 2
}

func printUsage(w io.Writer) {
	fmt.Fprintln(w, "usage:")
	for _, c := range commands {
		fmt.Fprintln(w, "  loupe", c.usage)
	}
	fmt.Fprintln(w, `MODEL is a file, a folder or a built-in model's name. Where its files leave something open: --weights takes one of several
models, --config corrects a key of the config, --numbers reads tokens as numbers. --chat asks in the model's chat template. A rank of 0 is the likeliest token; surprisal and entropy are in nats.
VECTORS is a file of word vectors, or a model, whose input embedding is taken. What is written has a row for each vector.
A text file is plain, CSV, TSV, JSON lines or CoNLL; its documents are run one by one. states writes a row for each token. match selects the
units that are on at tokens a to b (excluded) and off in the margins, and lists where else they are on together. Of a recorded set the text is its own. score translates the sources of a table of two columns, or of a file whose
references are in another, and compares.`)
}
