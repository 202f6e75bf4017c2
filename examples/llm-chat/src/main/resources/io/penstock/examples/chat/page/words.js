// Every word of the page, in both languages.
export const words = {
  en: {
    title: 'Penstock chat', agent: 'Agent', new: 'New', dashboard: 'Dashboard', message: 'Message', send: 'Send', stop: 'Stop',
    you: 'You', placeholder: 'Ask something. Enter sends, Shift+Enter begins a line.',
    startTitle: 'Ask something', startText: 'Each question is a job: it survives a restart, is tried again when the model fails, and is dropped when you leave.',
    ask1: 'Why does a queue wait?', ask2: 'What is a lease good for?', unknown: 'This conversation is not here any more.',
    waiting: 'Waiting for a turn…', speaking: 'Answering…', completed: '{tokens} tokens', cancelled: 'Stopped.',
    failed: 'Failed: {error}', refused: 'Not taken ({status} {type}). Come again in {seconds} s.', gone: 'The connection broke.',
    shared: 'The same question is being answered already: this is its answer.', language: '中文',
  },
  'zh-CN': {
    title: 'Penstock 对话', agent: '智能体', new: '新对话', dashboard: '控制台', message: '消息', send: '发送', stop: '停止',
    you: '你', placeholder: '输入问题。回车发送,Shift+回车换行。',
    startTitle: '问点什么', startText: '每个问题都是一个作业:重启不丢,模型出错会重试,你离开就取消。',
    ask1: '队列为什么要等?', ask2: '租约有什么用?', unknown: '这段对话已不存在。',
    waiting: '正在排队…', speaking: '正在回答…', completed: '{tokens} 个令牌', cancelled: '已停止。',
    failed: '失败:{error}', refused: '未受理({status} {type})。请 {seconds} 秒后再试。', gone: '连接中断。',
    shared: '同样的问题正在回答中,这里共享其回答。', language: 'English',
  },
};

export function word(language, key, values = {}) {
  return words[language][key].replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? ''));
}
