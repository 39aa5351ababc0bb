/** Guards the marks of control flow: which lines a mark stands for decides what is said to be covered. */
import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../../src/targets/c-source/blocks.ts';

const TEXT = `@__sancov_gen_ = private global [3 x i32] zeroinitializer, section "__sancov_guards", comdat($f), align 4
@__sancov_gen_.7 = private global [2 x i32] zeroinitializer, section "__sancov_guards", comdat($g), align 4

define hidden i32 @f(i32 %x) #0 !dbg !4 {
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

define void @g() !dbg !9 {
  call void @__sanitizer_cov_trace_pc_guard(ptr @__sancov_gen_.7) #3, !dbg !5
  br label %end, !dbg !5

end:
  call void @__sanitizer_cov_trace_pc_guard(ptr getelementptr inbounds ([2 x i32], ptr @__sancov_gen_.7, i64 0, i64 1)) #3, !dbg !7
  ret void, !dbg !7
}

!5 = !DILocation(line: 3, column: 5, scope: !4)
!6 = !DILocation(line: 9, scope: !4)
!7 = !DILocation(line: 4, scope: !4)
!8 = distinct !DILocation(line: 0, scope: !4)
`;

describe('steps of control flow', () => {
  const blocks = readBlocks(TEXT);

  it('have the words of one function after those of the other, and none that reports undefined behaviour', () => {
    expect(blocks.map(({ word }) => word)).toEqual([0, 2, 3, 4]);
  });

  it('have the lines and the function of each', () => {
    expect(blocks.slice(0, 3)).toEqual([
      { word: 0, lines: [3, 9], function: 'f' },
      { word: 2, lines: [4], function: 'f' },
      { word: 3, lines: [3], function: 'g' },
    ]);
  });
});
