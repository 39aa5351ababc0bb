/** Guards the numbering of control flow: which lines a number stands for decides what is said to be covered. */
import { describe, expect, it } from 'vitest';
import { instrument } from '../../../src/targets/c-source/instrument.ts';

const TEXT = `define hidden i32 @f(i32 %x) #0 !dbg !4 {
entry:
  call void @__sanitizer_cov_trace_pc_guard(ptr @__sancov_gen_) #3, !dbg !5
  %c = icmp sgt i32 %x, 0, !dbg !5
  br i1 %c, label %then, label %handler, !dbg !6

handler:                                          ; preds = %entry
  call void @__sanitizer_cov_trace_pc_guard(ptr getelementptr inbounds ([3 x i32], ptr @__sancov_gen_, i64 0, i64 1)) #3, !dbg !6
  call void @__ubsan_handle_type_mismatch_v1_abort(ptr @1, i32 0) #2, !dbg !6
  unreachable, !dbg !6

then:                                             ; preds = %entry
  call void @__sanitizer_cov_trace_pc_guard(ptr getelementptr inbounds ([3 x i32], ptr @__sancov_gen_, i64 0, i64 2)) #3, !dbg !6
  %n = icmp ne ptr %p, null, !dbg !6, !nosanitize !0
  store i32 1, ptr %p, align 4, !dbg !7
  ret i32 %x, !dbg !8
}

!5 = !DILocation(line: 3, column: 5, scope: !4)
!6 = !DILocation(line: 9, scope: !4)
!7 = !DILocation(line: 4, scope: !4)
!8 = distinct !DILocation(line: 0, scope: !4)
`;

describe('instrumentation', () => {
  const { text, blocks } = instrument(TEXT);

  it('numbers blocks, but not those that report undefined behaviour', () => {
    expect(text.match(/call void @pc_block\(i32 \d+\)/g)).toEqual([
      'call void @pc_block(i32 0)',
      'call void @pc_block(i32 1)',
    ]);
    expect(text).not.toContain('__sanitizer_cov_trace_pc_guard(ptr');
  });

  it('names the lines and the function of each', () => {
    expect(blocks).toEqual([
      { lines: [3, 9], function: 'f' },
      { lines: [4], function: 'f' },
    ]);
  });
});
