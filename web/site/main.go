// Site makes the folder that is served, from the programs and from what lies in web, and serves it on this machine:
//
//	site build [-o dist/site]
//	site serve [-o dist/site] [-port 8080] [-at /]
//
// The folder may be copied to any static host, at any path. The same sources give the same bytes. Only what changed is
// made again.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	flags := flag.NewFlagSet("site", flag.ExitOnError)
	out := flags.String("o", "dist/site", "the folder to make")
	port := flags.Int("port", 8080, "serve: the port; another free one if it is taken")
	at := flags.String("at", "/", "serve: the path")
	flags.Parse(os.Args[2:])
	if flags.NArg() > 0 {
		usage()
	}
	s := newSite(*out)
	err := s.build()
	switch {
	case err != nil:
	case os.Args[1] == "build":
		fmt.Printf("%s: version %s, %d files\n", s.out, s.version, len(s.files))
	case os.Args[1] == "serve":
		err = s.serve(*port, *at)
	default:
		usage()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: site build [-o folder] | site serve [-o folder] [-port n] [-at path]")
	os.Exit(2)
}
