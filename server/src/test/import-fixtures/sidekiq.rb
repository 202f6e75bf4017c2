# ruby sidekiq.rb before|after : jobs for the real Sidekiq server to fail, then jobs that nobody takes. REDIS_URL says where.
require_relative 'sidekiq_jobs'
require 'json'
if ARGV[0] == 'before'
  Done.perform_async(1)
  Dead.perform_async({ 'customer' => '客户 42', 'deep' => { 'a' => [1, 2.5, nil, true] } })
  Billing::Retry.perform_async('9007199254740993', 9007199254740993)
  NoTrace.perform_async
else
  Plain.perform_async('héllo 世界 🚀', "a\u0000b")
  Plain.perform_async
  MailWorker.perform_async(1, { 'to' => 'zoë@example.org' })
  MailWorker.perform_async(2, { 'text' => 'x' * 20_000 })
  MailWorker.perform_in(86_400, 3)
  Sidekiq::Client.push('class' => 'ActiveJob::QueueAdapters::SidekiqAdapter::JobWrapper', 'wrapped' => 'Orders::ShipJob',
    'queue' => 'mail', 'args' => [{ 'job_class' => 'Orders::ShipJob', 'job_id' => 'a1b2', 'arguments' => [7, { 'express' => true }] }])
  Sidekiq::Client.push_bulk('class' => Plain, 'args' => [[10], [11], [12]])
  Sidekiq.redis do |r|
    r.lpush('queue:default', '{not json')
    r.lpush('queue:default', '[1,2]')
    r.lpush('queue:default', JSON.generate('args' => [1], 'jid' => 'no-class'))
    r.lpush('queue:default', JSON.generate('class' => 'Eight', 'args' => [8], 'jid' => 'of-version-8', 'created_at' => 1_760_000_000_123, 'retry' => true, 'queue' => 'default'))
    r.zadd('retry', 4_000_000_000, 'not json either')
  end
end
