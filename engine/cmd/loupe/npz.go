package main

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
)

// array is one named float32 array of an npz.
type array struct {
	name  string
	shape []int
	data  []float32
}

// writeNPZ writes what numpy.load reads: a zip of .npy members, stored.
func writeNPZ(path string, arrays []array) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	z := zip.NewWriter(f)
	for _, a := range arrays {
		w, err := z.CreateHeader(&zip.FileHeader{Name: a.name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := writeNPY(w, a); err != nil {
			return err
		}
	}
	return z.Close()
}

// writeNPY writes format version 1.0 (numpy.lib.format): magic, length, a header padded to 64 bytes, the data.
func writeNPY(w io.Writer, a array) error {
	dims := ""
	for _, d := range a.shape {
		dims += fmt.Sprint(d, ",")
	}
	head := "{'descr': '<f4', 'fortran_order': False, 'shape': (" + dims + "), }"
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	if _, err := io.WriteString(w, "\x93NUMPY\x01\x00"+string(binary.LittleEndian.AppendUint16(nil, uint16(len(head))))+head); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, a.data)
}
