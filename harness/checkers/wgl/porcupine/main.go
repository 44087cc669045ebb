// Judges a history of key-value operations by Porcupine, as often as it is asked: a line on standard input, a line
// with the verdict and the time on standard output. The history, an operation a line, is read once.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

// As the bench writes it: times in ns, no return where no answer came, no output where it isn't known.
type line struct {
	Key      int    `json:"key"`
	Process  int    `json:"process"`
	CallNs   int64  `json:"callNs"`
	ReturnNs *int64 `json:"returnNs"`
	Output   *int   `json:"output"`
	Input    struct {
		Kind     string `json:"kind"`
		Expected int    `json:"expected"`
		Value    int    `json:"value"`
	} `json:"input"`
}

type kind int

const (
	read kind = iota
	write
	swap
)

var kinds = map[string]kind{"read": read, "write": write, "swap": swap}

type input struct {
	kind     kind
	key      int
	expected int
	value    int
}

type output struct {
	isKnown bool
	value   int
}

// The same register as models/register.ts. What an unanswered operation found out is not known, and as it returns after
// all others, it may also stand where nobody sees that it has happened.
var register = porcupine.Model{
	Partition: byKey,
	Init:      func() interface{} { return 0 },
	Step: func(state, in, out interface{}) (bool, interface{}) {
		asked, answered, held := in.(input), out.(output), state.(int)
		switch asked.kind {
		case read:
			return !answered.isKnown || answered.value == held, held
		case write:
			return true, asked.value
		default:
			isSwapped := asked.expected == held
			if answered.isKnown && (answered.value == 1) != isSwapped {
				return false, held
			}
			if isSwapped {
				return true, asked.value
			}
			return true, held
		}
	},
	Hash: func(state interface{}) uint64 { return uint64(state.(int)) * 0x9e3779b97f4a7c15 },
}

// In the order in which the keys are first met, which is that of the partitions of the bench.
func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	places := map[int]int{}
	var partitions [][]porcupine.Operation
	for _, operation := range history {
		key := operation.Input.(input).key
		place, isKnown := places[key]
		if !isKnown {
			place = len(partitions)
			places[key] = place
			partitions = append(partitions, nil)
		}
		partitions[place] = append(partitions[place], operation)
	}
	return partitions
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: porcupine HISTORY TIMEOUT")
	}
	timeout, err := time.ParseDuration(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	history, err := readHistory(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	verdicts := map[porcupine.CheckResult]string{
		porcupine.Ok: "valid", porcupine.Illegal: "invalid", porcupine.Unknown: "unknown",
	}
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		started := time.Now()
		result := porcupine.CheckOperationsTimeout(register, history, timeout)
		tookMs := float64(time.Since(started)) / float64(time.Millisecond)
		fmt.Printf("{\"verdict\":%q,\"tookMs\":%g}\n", verdicts[result], tookMs)
	}
}

func readHistory(path string) ([]porcupine.Operation, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var history []porcupine.Operation
	decoder := json.NewDecoder(bufio.NewReader(file))
	for {
		var each line
		switch err := decoder.Decode(&each); {
		case err == io.EOF:
			return history, nil
		case err != nil:
			return nil, fmt.Errorf("%s: operation %d: %w", path, len(history)+1, err)
		}
		asked, isKind := kinds[each.Input.Kind]
		if !isKind {
			return nil, fmt.Errorf("%s: operation %d: no such kind: %q", path, len(history)+1, each.Input.Kind)
		}
		operation := porcupine.Operation{
			ClientId: each.Process,
			Input:    input{asked, each.Key, each.Input.Expected, each.Input.Value},
			Call:     each.CallNs,
			Output:   output{},
			Return:   math.MaxInt64,
		}
		if each.ReturnNs != nil {
			operation.Return = *each.ReturnNs
		}
		if each.Output != nil {
			operation.Output = output{isKnown: true, value: *each.Output}
		}
		history = append(history, operation)
	}
}
