/*
 * The globals of the kernel, and what instrumented code calls: one function for each step of control flow, which counts and
 * notes that it was reached, and one for each kind of undefined behaviour that the compiler checks.
 */
#define PAGERCHECK_SHIM
#include <kernel.h>

int pc_page_size, pc_sector_size, pc_all_bits, pc_line;
struct proc *curproc;
struct timeval time;
struct vmmeter cnt;
vm_map_t pager_map = (vm_map_t)-4;

/* Steps of control flow that are left before the code is held to loop. */
int pc_steps;

/* The words of the steps, which the linker puts in a row: what was reached is not 0. */
extern u_int __start___sancov_guards[], __stop___sancov_guards[];
u_int *pc_reached = __start___sancov_guards;
u_int *pc_reached_end = __stop___sancov_guards;

extern void pc_loops(void) PC_IMPORT(loops);
extern void pc_undefined(const char *, u_int, u_int) PC_IMPORT(undefined);

void
__sanitizer_cov_trace_pc_guard(u_int *word)
{
	*word = 1;
	if (--pc_steps < 0)
		pc_loops();
}

/* The compiler's description of a place begins like this. */
struct place {
	const char *file;
	u_int line;
	u_int column;
};

void
__ubsan_handle_type_mismatch_v1_abort(struct place *at, u_int pointer)
{
	pc_undefined("pointer", at->line, pointer);
}

void
__ubsan_handle_out_of_bounds_abort(struct place *at, u_int index)
{
	pc_undefined("index", at->line, index);
}

void
__ubsan_handle_divrem_overflow_abort(struct place *at, u_int left, u_int right)
{
	pc_undefined("division by", at->line, right);
}

void
__ubsan_handle_shift_out_of_bounds_abort(struct place *at, u_int left, u_int right)
{
	pc_undefined("shift by", at->line, right);
}

/* The compiler's own numbering of blocks is not used; nobody calls this. */
void
__sanitizer_cov_trace_pc_guard_init(u_int *first, u_int *last)
{
}

void *
memcpy(void *to, const void *from, size_t n)
{
	char *t = to;
	const char *f = from;

	while (n-- > 0)
		*t++ = *f++;
	return to;
}

void *
memset(void *to, int c, size_t n)
{
	char *t = to;

	while (n-- > 0)
		*t++ = c;
	return to;
}
