// Package loupe is the module's root: it holds only the test of its layout. See ARCHITECTURE.md.
package loupe
