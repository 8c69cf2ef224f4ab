# Makefile: builds csp and runs everything that tests it. `make help` lists the targets.
#
# Sources are found by folder; a new .c file, a new test or a new package under stdlib/ needs
# no line here. Everything built lies under $(BUILD), one folder for each variant:
#
#     make                      build/release/csp
#     make VARIANT=debug        build/debug/csp     -O0, all assertions
#     make VARIANT=asan         build/asan/csp      also ubsan, tsan
#     make GC=none VARIANT=asan build/asan-nogc/csp without the collector
#     make CC=clang BUILD=dir   another compiler, another place

VARIANT ?= release
GC      ?= boehm
BUILD   ?= build/$(VARIANT)$(if $(filter none,$(GC)),-nogc)
PREFIX  ?= /usr/local
FILE    ?= examples/01_hello.csp
SECONDS ?= 60
COUNT   ?= 2000

# As many jobs as there are processors, unless the command line says another number.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

# ---- Flags ------------------------------------------------------------------------------

SANITIZED    := -O1 -g -fno-omit-frame-pointer
FLAGS_release := -O2 -g -DCSP_DEBUG=0
FLAGS_debug   := -O0 -g -DCSP_DEBUG=1
FLAGS_asan    := $(SANITIZED) -DCSP_DEBUG=1 -fsanitize=address
FLAGS_ubsan   := $(SANITIZED) -DCSP_DEBUG=1 -fsanitize=undefined -fno-sanitize-recover=all
# Without the assertions: what they lock and count would hide races.
FLAGS_tsan    := $(SANITIZED) -DCSP_DEBUG=0 -fsanitize=thread
ifeq ($(FLAGS_$(VARIANT)),)
$(error VARIANT=$(VARIANT) is not one of release debug asan ubsan tsan)
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE $(WARNINGS) $(if $(WERROR),-Werror) $(FLAGS_$(VARIANT)) \
             $(if $(filter none,$(GC)),-DCSP_GC_NONE=1) -I. -I$(BUILD) -pthread $(CFLAGS)
LDFLAGS_ALL = -pthread $(filter -fsanitize% -fno-sanitize%,$(FLAGS_$(VARIANT))) $(LDFLAGS)

# What a program needs to run, and what only the front end and the prompt need.
BACK_LIBS  := $(if $(filter none,$(GC)),,-lgc) -lutf8proc -lm
FRONT_LIBS := -lgmp -ledit

# gcc would join the many indirect jumps of the interpreter into one, and with them what the
# processor learns about each.
CC_IS_GCC := $(if $(findstring Free Software,$(shell $(CC) --version 2>/dev/null)),yes)
INTERP_FLAGS := $(if $(CC_IS_GCC),-fno-gcse -fno-crossjumping)

# ---- Sources ----------------------------------------------------------------------------

BACK_FOLDERS  := base bytecode runtime vm stdlib
FRONT_FOLDERS := lexer parser types compiler cmd
FOLDERS       := $(BACK_FOLDERS) $(FRONT_FOLDERS)

sources_of = $(wildcard $(1)/*.c $(if $(filter stdlib,$(1)),stdlib/*/*.c stdlib/*/*/*.c))
headers_of = $(wildcard $(1)/*.h $(if $(filter stdlib,$(1)),stdlib/*/*.h stdlib/*/*/*.h))
objects_of = $(patsubst %.c,$(BUILD)/%.o,$(call sources_of,$(1)))

PACKAGES := $(wildcard stdlib/*/*.csp stdlib/*/*/*.csp)
LEXERS   := $(wildcard lexer/*.re)
ERRORS   := $(wildcard docs/errors/*.md)

LEXER_OBJECTS := $(LEXERS:%.re=$(BUILD)/%.o)
EMBED_OBJECT  := $(if $(wildcard stdlib/stdlib.h),$(BUILD)/stdlib_embed.o)
BACK_OBJECTS  := $(foreach f,$(BACK_FOLDERS),$(call objects_of,$(f))) $(EMBED_OBJECT)
FRONT_OBJECTS := $(foreach f,$(FRONT_FOLDERS),$(call objects_of,$(f))) $(LEXER_OBJECTS) \
                 $(BUILD)/errors_embed.o
OBJECTS       := $(BACK_OBJECTS) $(FRONT_OBJECTS)
MAIN_OBJECT   := $(BUILD)/cmd/main.o
ARCHIVE       := $(BUILD)/libcsp.a

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*_test.c))
# Stress programs in C have a plain main(), so that the thread sanitizer can run them.
C_STRESS   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/stress/*.c))
C_BENCHES  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
FUZZERS    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
BACKEND    := $(BUILD)/tests/backend/backend
C_FILES     = $(foreach f,$(FOLDERS),$(call sources_of,$(f))) \
              $(wildcard tests/*/*.c)
H_FILES     = $(foreach f,$(FOLDERS),$(call headers_of,$(f))) $(wildcard tests/*/*.h)

CSP  := $(BUILD)/csp
TOOL := tests/tools

# ---- Order ------------------------------------------------------------------------------
# `make deps test` is one command on a machine that has none of the libraries yet, so whatever
# else is asked for waits for deps; and no two of the long test targets run side by side.

DEPS_FIRST  := $(filter deps deps-dev,$(MAKECMDGOALS))
PHASES      := run test check test-go stress bench asan ubsan tsan fuzz fuzz-go fuzz-errors
PHASES_HERE := $(filter $(PHASES),$(MAKECMDGOALS))
define after_the_one_before
$(eval $(phase): | $(DEPS_FIRST) $(previous))$(eval previous := $(phase))
endef
previous :=
$(foreach phase,$(PHASES_HERE),$(after_the_one_before))
$(if $(and $(filter deps,$(DEPS_FIRST)),$(filter deps-dev,$(DEPS_FIRST))),$(eval deps-dev: | deps))

# ---- Building ---------------------------------------------------------------------------

.PHONY: all
all: $(CSP) ## build build/release/csp (the default)

$(CSP): $(OBJECTS)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $(OBJECTS) $(FRONT_LIBS) $(BACK_LIBS)

$(ARCHIVE): $(filter-out $(MAIN_OBJECT),$(OBJECTS))
	@rm -f $@
	@$(AR) rcs $@ $^

# A build with other flags in the same folder starts anew.
$(BUILD)/flags: FORCE | $(DEPS_FIRST)
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS_ALL)' | cmp -s - $@ || echo '$(CC) $(CFLAGS_ALL)' > $@
.PHONY: FORCE
FORCE:

$(BUILD)/vm/interp.o: EXTRA_FLAGS := $(INTERP_FLAGS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_ALL) $(EXTRA_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: $(BUILD)/%.c $(BUILD)/flags
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/%.c: %.re | $(DEPS_FIRST)
	@mkdir -p $(@D)
	@echo "  RE2C    $<"
	@re2c -W -i --no-generation-date -o $@ $<

# The list decides as well as the files: a package that goes away must leave the table.
$(BUILD)/packages: FORCE
	@mkdir -p $(@D)
	@echo '$(PACKAGES)' | cmp -s - $@ || echo '$(PACKAGES)' > $@

$(BUILD)/stdlib_embed.c: $(PACKAGES) $(BUILD)/packages $(TOOL)/embed
	@echo "  EMBED   $@"
	@$(TOOL)/embed packages $(PACKAGES) > $@

$(BUILD)/errors: FORCE
	@mkdir -p $(@D)
	@echo '$(ERRORS)' | cmp -s - $@ || echo '$(ERRORS)' > $@

$(BUILD)/errors_embed.c: $(ERRORS) $(BUILD)/errors $(TOOL)/embed
	@echo "  EMBED   $@"
	@$(TOOL)/embed errors $(ERRORS) > $@

DEP_FILES = $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d) $(C_STRESS:=.d) $(C_BENCHES:=.d) $(FUZZERS:=.d) \
            $(BACKEND).d
-include $(wildcard $(DEP_FILES))

# ---- Installing what it takes -----------------------------------------------------------

.PHONY: deps deps-dev
deps: ## install what building and testing needs (Debian packages)
	@$(TOOL)/deps run
deps-dev: ## install what developing needs as well: Go, clang, clang-format, strace, ...
	@$(TOOL)/deps run dev

# ---- Running and testing ----------------------------------------------------------------

# Sanitized programs are slower by an order of magnitude.
TIMEOUT = $(if $(filter release debug,$(VARIANT)),30,120)
# Criterion ends before its first test under the thread sanitizer.
UNIT_HERE = $(if $(filter tsan,$(VARIANT)),,$(UNIT_TESTS))

.PHONY: run
run: $(CSP) ## build and run FILE=examples/01_hello.csp with ARGS
	@$(CSP) run $(FILE) $(ARGS)

.PHONY: test
test: $(CSP) $(UNIT_HERE) ## unit, golden, explain and manners tests, some with --seed; FILTER=REGEX picks some
	@status=0; \
	$(if $(UNIT_HERE),$(TOOL)/unit --filter '$(FILTER)' $(UNIT_HERE) || status=1;) \
	$(TOOL)/golden --csp $(CSP) --timeout $(TIMEOUT) --filter '$(FILTER)' || status=1; \
	$(TOOL)/explain --csp $(CSP) --filter '$(FILTER)' || status=1; \
	$(MANNERS) || status=1; \
	$(TOOL)/determinism --csp $(CSP) --times 2 --seeds 1 --timeout $(TIMEOUT) \
	    --filter '$(if $(FILTER),$(FILTER),chan/|select/|goroutine/|seed/)' || status=1; \
	exit $$status

# How often each program runs with the same seed.
TIMES ?= 3
.PHONY: determinism
determinism: $(CSP) ## programs with --seed print the same TIMES=3 times, with other seeds not
	@$(TOOL)/determinism --csp $(CSP) --times $(TIMES) --filter '$(FILTER)'

MANNERS = $(TOOL)/manners --csp $(CSP) --variant $(VARIANT) --filter '$(FILTER)'
.PHONY: unit golden explain manners
unit: $(UNIT_TESTS) ## unit tests only
	@$(TOOL)/unit --filter '$(FILTER)' $(UNIT_TESTS)
golden: $(CSP) ## golden tests and examples only
	@$(TOOL)/golden --csp $(CSP) --timeout $(TIMEOUT) --filter '$(FILTER)'

explain: $(CSP) ## the examples of csp explain give what they should
	@$(TOOL)/explain --csp $(CSP) --filter '$(FILTER)'

manners: $(CSP) ## tests of the command line, of hostile input, of the README's examples
	@$(MANNERS)

CHECKS := check-includes check-headers check-used check-clang check-format check-docs
.PHONY: check $(CHECKS) test-backend
$(CHECKS): | $(DEPS_FIRST)
check: test $(CHECKS) test-backend model ## test, includes, dead code, the other compiler, formatting, docs up to date, the back half alone, models
check-includes:
	@$(TOOL)/check-includes
# Nothing is there that nobody uses: instructions, kinds of errors, switches, functions.
check-used:
	@$(TOOL)/check-used
# Each header can be included alone and first.
check-headers:
	@status=0; for h in $(filter-out tests/%,$(H_FILES)); do \
	    printf '#include "%s"\n' $$h | $(CC) $(CFLAGS_ALL) -fsyntax-only -x c - || status=1; \
	done; if [ $$status = 0 ]; then echo "check-headers: ok"; fi; exit $$status
# The other compiler has no warning either, where it is installed.
check-clang:
	@if ! command -v clang > /dev/null; then echo "check-clang: clang is not installed"; \
	else printf '%s\n' $(filter-out tests/%,$(C_FILES)) | \
	    xargs -P 2 -n 8 clang $(CFLAGS_ALL) -Werror -fsyntax-only && echo "check-clang: ok"; fi
check-format:
	@$(TOOL)/format --check $(C_FILES) $(H_FILES)
check-docs:
	@$(TOOL)/docs --check
test-backend: $(BACKEND) ## the program without its front end: vm, runtime, stdlib, bytecode, base
	@$(BACKEND)

.PHONY: model
model: | $(DEPS_FIRST) ## models of the scheduler's protocols, and the bugs that they must find (spin)
	@$(TOOL)/model $(BUILD)/model

.PHONY: test-go
test-go: ## run the tests under real Go as well and compare (skipped when Go is missing)
	@$(TOOL)/test-go --filter '$(FILTER)'

.PHONY: stress
stress: $(CSP) $(C_STRESS) ## stress programs for SECONDS=60, over GOMAXPROCS and CSPDEBUG; STATE=FILE goes on
	@$(TOOL)/stress --csp $(CSP) --seconds $(SECONDS) --timeout $(TIMEOUT) \
	    $(if $(STATE),--golden --state $(STATE)) $(C_STRESS)

# build/release → build/asan; BUILD=dir → dir/asan
variant = $(MAKE) --no-print-directory VARIANT=$(1) BUILD=$(patsubst %/release,%,$(BUILD))/$(1)
.PHONY: connections soak
connections: $(CSP) ## 10,000 open connections, idle and beside computing goroutines; with Go where it is
	@$(TOOL)/connections --csp $(CSP) --go

soak: $(CSP) ## a server-like program for SECONDS=60: memory, threads and descriptors stay level
	@$(TOOL)/soak --csp $(CSP) --seconds $(SECONDS)

.PHONY: asan ubsan tsan
asan: | $(DEPS_FIRST) ## unit, golden and stress with the address sanitizer
	@+$(call variant,asan) test stress
ubsan: | $(DEPS_FIRST) ## unit, golden and stress with the undefined behaviour sanitizer
	@+$(call variant,ubsan) test stress
tsan: | $(DEPS_FIRST) ## golden and stress with the thread sanitizer
	@+$(call variant,tsan) golden stress

.PHONY: bench
bench: $(CSP) $(C_BENCHES) ## benchmarks, compared with the stored baseline; BENCH_ARGS=--go
	@$(TOOL)/bench --csp $(CSP) $(BENCH_ARGS)
	@$(TOOL)/frontend --csp $(CSP)
	@for b in $(C_BENCHES); do echo "$$(basename $$b):"; $$b || exit 1; done

.PHONY: fairness
fairness: $(CSP) ## longest waits of a ticker and of goroutines that compute, beside Go's
	@$(TOOL)/fairness --csp $(CSP)

# Positions in sources are used up after 1 GiB of input, so a fuzzer starts anew now and then. The
# golden tests are the first inputs; what is found goes on in the next run. Without the collector,
# so that the address sanitizer sees what the machine allocates.
.PHONY: fuzz run-fuzzers
fuzz: | $(DEPS_FIRST) ## fuzz every pass, from the lexer to the VM, for SECONDS=60 each (clang)
	@+$(call variant,asan) GC=none BUILD=$(patsubst %/release,%,$(BUILD))/fuzz CC=clang \
	    CFLAGS='$(CFLAGS) -fsanitize=fuzzer-no-link' run-fuzzers
run-fuzzers: $(FUZZERS)
	@for f in $(FUZZERS); do \
	    $(TOOL)/fuzz-one $$f $(BUILD)/corpus/$$(basename $$f) $(SECONDS) || exit 1; \
	done

.PHONY: fuzz-go
fuzz-go: $(CSP) ## COUNT=2000 random programs under csp and real Go; the next run goes on from there
	@$(TOOL)/fuzz-go --csp $(CSP) --count $(COUNT)

.PHONY: fuzz-errors
fuzz-errors: $(CSP) ## COUNT=2000 broken programs: csp and real Go agree on which compile
	@$(TOOL)/fuzz-errors --csp $(CSP) --count $(COUNT)

.PHONY: promote
promote: $(CSP) ## accept the current outputs as expected; FILTER=REGEX picks some
	@$(TOOL)/golden --promote --csp $(CSP) --filter '$(FILTER)'

$(BUILD)/tests/unit/%: tests/unit/%.c $(ARCHIVE) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  TEST    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $< $(ARCHIVE) -lcriterion \
	    $(FRONT_LIBS) $(BACK_LIBS)

$(BUILD)/tests/stress/%: tests/stress/%.c $(ARCHIVE) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  TEST    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $< $(ARCHIVE) $(BACK_LIBS)

$(BUILD)/tests/bench/%: tests/bench/%.c $(ARCHIVE) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  TEST    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $< $(ARCHIVE) $(BACK_LIBS)

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c $(ARCHIVE) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  FUZZ    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $< $(ARCHIVE) \
	    $(FRONT_LIBS) $(BACK_LIBS)

# Every object of the back half, and no archive: a symbol of the front end is a link error.
$(BACKEND): tests/backend/backend.c $(BACK_OBJECTS) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  TEST    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $< $(BACK_OBJECTS) $(BACK_LIBS)

# ---- Keeping things in shape ------------------------------------------------------------

.PHONY: fmt docs
fmt: ## clang-format over .c and .h
	@$(TOOL)/format $(C_FILES) $(H_FILES)
docs: ## regenerate what the documents take from the tables
	@$(TOOL)/docs

.PHONY: compile_commands.json
compile_commands.json: ## for editors and clang-tidy
	@{ echo '['; comma=; for c in $(C_FILES); do \
	    printf '%s{"directory": "%s", "file": "%s", "command": "%s"}' "$$comma" "$(CURDIR)" "$$c" \
	        "$(CC) $(CFLAGS_ALL) -c $$c"; \
	    comma=$$(printf ',\n '); done; echo; echo ']'; } > $@
	@echo "  WROTE   $@"

MAN_PAGE   := $(PREFIX)/share/man/man1/csp.1
COMPLETION := $(PREFIX)/share/bash-completion/completions/csp
.PHONY: install uninstall clean help
install: $(CSP) ## install csp under PREFIX=/usr/local, honouring DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/csp/examples \
	    $(DESTDIR)$(dir $(MAN_PAGE)) $(DESTDIR)$(dir $(COMPLETION))
	install -m 755 $(CSP) $(DESTDIR)$(PREFIX)/bin/csp
	$(CSP) help man > $(DESTDIR)$(MAN_PAGE)
	$(CSP) help bash > $(DESTDIR)$(COMPLETION)
	install -m 644 $(wildcard examples/*.csp examples/*.txt examples/*.md) LICENSE $(DESTDIR)$(PREFIX)/share/csp/examples
uninstall: ## remove what install wrote
	rm -f $(DESTDIR)$(PREFIX)/bin/csp $(DESTDIR)$(MAN_PAGE) $(DESTDIR)$(COMPLETION)
	rm -rf $(DESTDIR)$(PREFIX)/share/csp
clean: ## remove build/
	rm -rf build $(if $(filter build/%,$(BUILD)),,$(BUILD)) compile_commands.json
help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-zA-Z_. -]*:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST) | sort -u
	@echo
	@echo 'With: VARIANT=release|debug|asan|ubsan|tsan  GC=none  CC=clang  CFLAGS=...  BUILD=folder'
