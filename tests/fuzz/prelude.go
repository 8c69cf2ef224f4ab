// What generated programs (progen.py) have in common. Not a program of its own.
package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

var fuel = 1 << 40

// Each function and inner loop of a generated program asks first, so that all of them end.
func step() {
	fuel--
	if fuel < 0 {
		panic("out of fuel")
	}
}

// Several programs may run one after the other.
func start(name string, f func()) {
	fmt.Println(name)
	f()
}

func guard(tag int, f func()) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			fmt.Println(tag, "runtime error:", r.Error())
		case error:
			fmt.Println(tag, "error:", r)
		default:
			fmt.Printf("%d %T: %v\n", tag, r, r)
		}
	}()
	f()
}

// Any number made an index below n; 0 if there is none.
func ix(i, n int) int {
	if n <= 0 {
		return 0
	}
	if i %= n; i < 0 {
		i += n
	}
	return i
}

func fit(x, low, high float64) float64 {
	if x >= low && x <= high {
		return x
	}
	return low
}

// Each says that it was called: what has an effect happens in order.
func trI(k int, v int) int {
	fmt.Print("<", k, ">")
	return v
}

func trS(k int, v string) string {
	fmt.Print("<", k, ">")
	return v
}

func trB(k int, v bool) bool {
	fmt.Print("<", k, ">")
	return v
}

func trF(k int, v float64) float64 {
	fmt.Print("<", k, ">")
	return v
}

func trE(k int, v any) any {
	fmt.Print("<", k, ">")
	return v
}

// What is not a constant.
func k_bool(x bool) bool          { return x }
func k_string(x string) string    { return x }
func k_int(x int) int             { return x }
func k_int8(x int8) int8          { return x }
func k_int16(x int16) int16       { return x }
func k_int32(x int32) int32       { return x }
func k_int64(x int64) int64       { return x }
func k_uint(x uint) uint          { return x }
func k_uint8(x uint8) uint8       { return x }
func k_uint16(x uint16) uint16    { return x }
func k_uint32(x uint32) uint32    { return x }
func k_uint64(x uint64) uint64    { return x }
func k_uintptr(x uintptr) uintptr { return x }
func k_float32(x float32) float32 { return x }
func k_float64(x float64) float64 { return x }

// How much room a conversion leaves behind the end is not said by the language.
func clipB(b []byte) []byte { return b[:len(b):len(b)] }
func clipR(r []rune) []rune { return r[:len(r):len(r)] }

func part(s string, i, j int) string {
	i = ix(i, len(s)+1)
	return s[i : i+ix(j, len(s)-i+1)]
}

func short(s string) string {
	if len(s) > 40 {
		return s[len(s)-40:]
	}
	return s
}

var errPlain = errors.New("plain")

var _ = strings.Repeat
