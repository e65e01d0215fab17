"""How Discord's dark theme looks, near enough to judge a message by; nothing of it is Discord's."""

STYLE = """
* { box-sizing: border-box; }
html { background: #313338; }
body { margin: 0; background: #313338; color: #dbdee1; font: 16px/22px "gg sans", "Noto Sans",
  "Liberation Sans", "Helvetica Neue", Helvetica, Arial, "Noto Color Emoji", sans-serif; }
main { width: 700px; padding: 8px 0 16px; }
a { color: #00a8fc; text-decoration: none; }
small, .muted { color: #949ba4; font-size: 13px; font-style: normal; }
.message { position: relative; padding: 8px 16px 8px 72px; }
.message.private { background: #36384a; border-left: 2px solid #5865f2; }
.avatar { position: absolute; left: 16px; margin-top: 2px; width: 40px; height: 40px;
  border-radius: 50%; color: #fff; text-align: center; line-height: 40px; font-weight: 600; }
.above { position: relative; margin-bottom: 4px; font-size: 14px; line-height: 18px;
  color: #b5bac1; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.above b { color: #dbdee1; font-weight: 500; }
.above .mention { font-size: 14px; }
.message:has(.above)::before { content: ""; position: absolute; left: 36px; top: 16px; width: 30px;
  height: 10px; border: 2px solid #4e5058; border-width: 2px 0 0 2px; border-radius: 6px 0 0 0; }
header { line-height: 22px; }
.name { color: #f2f3f5; font-weight: 500; }
.app { margin-left: 4px; padding: 1px 5px; border-radius: 4px; background: #5865f2; color: #fff;
  font-size: 11px; vertical-align: 1px; }
time { margin-left: 8px; color: #949ba4; font-size: 12px; }
.content { overflow-wrap: anywhere; }
.below, .thread p { margin: 4px 0 0; color: #949ba4; font-size: 13px; }
.mention { padding: 0 2px; border-radius: 3px; background: rgba(88, 101, 242, .3);
  color: #c9cdfb; font-weight: 500; }
.chip { padding: 0 2px; border-radius: 3px; background: rgba(255, 255, 255, .06); }
.spoiler { padding: 0 2px; border-radius: 4px; background: #1e1f22; color: transparent; }
code, pre { background: #2b2d31; border-radius: 4px; font: 14px/18px "Liberation Mono", monospace; }
code { padding: 2px 4px; }
pre { margin: 6px 0 0; padding: 8px; border: 1px solid #1e1f22; white-space: pre-wrap; }
h1, h2, h3 { margin: 12px 0 4px; color: #f2f3f5; line-height: 1.35; }
h1 { font-size: 24px; } h2 { font-size: 20px; } h3 { font-size: 16px; }
blockquote { margin: 0; padding: 0 8px 0 12px; border-left: 4px solid #4e5058; }
blockquote + br, .item + br, h1 + br, h2 + br, h3 + br, pre + br { display: none; }
.item { display: flex; gap: 8px; padding-left: 8px; }
.embed { display: inline-block; max-width: 516px; margin: 4px 0 0; padding: 10px 16px 16px 12px;
  border-left: 4px solid; border-radius: 4px; background: #2b2d31; font-size: 14px;
  line-height: 18px; overflow-wrap: anywhere; }
.embed .title { margin-top: 4px; color: #f2f3f5; font-size: 16px; font-weight: 600;
  line-height: 22px; }
.embed .author { margin-top: 4px; color: #f2f3f5; font-weight: 600; }
.embed .description { margin-top: 8px; }
.embed .footer { margin-top: 8px; font-size: 12px; color: #b5bac1; }
.fields { display: grid; grid-template-columns: repeat(12, 1fr); gap: 8px; margin-top: 8px; }
.fields b { color: #f2f3f5; font-weight: 600; }
.row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; max-width: 560px; }
.button { display: inline-block; padding: 6px 14px; border-radius: 8px; color: #fff;
  font-size: 14px; font-weight: 500; line-height: 18px; background: #4e5058; }
.button.primary { background: #5865f2; } .button.success { background: #248046; }
.button.danger { background: #da373c; } .button.disabled { opacity: .5; }
.select { width: 400px; padding: 8px 12px; border-radius: 8px; background: #1e1f22;
  color: #949ba4; display: flex; justify-content: space-between; }
.container { margin-top: 8px; max-width: 600px; padding: 16px; border: 1px solid #3f4147;
  border-left-width: 4px; border-radius: 8px; background: #2b2d31; }
.part { display: flex; justify-content: space-between; gap: 16px; }
hr { border: 0; border-top: 1px solid #3f4147; margin: 12px 0; }
.thread { margin-top: 8px; max-width: 480px; padding: 8px 12px; border-radius: 8px;
  background: #2b2d31; font-size: 14px; }
.thread a { margin-left: 8px; }
.file { display: flex; flex-direction: column; margin-top: 4px; max-width: 432px; padding: 12px;
  border: 1px solid #26282c; border-radius: 8px; background: #2b2d31; }
.modal { width: 480px; margin: 16px auto; padding: 16px; border-radius: 8px; background: #393a41; }
.modal h1 { margin: 0 0 16px; font-size: 20px; }
.modal label { font-weight: 500; font-size: 15px; } .modal p { margin: 0; color: #b5bac1;
  font-size: 13px; } .required { color: #f23f42; font-style: normal; }
.input { margin: 8px 0 16px; padding: 10px; border: 1px solid #1e1f22; border-radius: 6px;
  background: #1e1f22; min-height: 42px; white-space: pre-wrap; } .input.tall { min-height: 110px; }
.modal footer { display: flex; justify-content: flex-end; gap: 8px; }
.choices { width: 620px; margin: 16px; border-radius: 8px; background: #2b2d31; }
.choices ul { list-style: none; margin: 0; padding: 8px; } .choices li { padding: 6px 8px; }
.choices p { margin: 0; padding: 10px 16px; background: #383a40; border-radius: 0 0 8px 8px; }
"""
