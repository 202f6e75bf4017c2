# Workers for sidekiq.rb: what the real server runs before the fixture is taken.
require 'sidekiq'
class Done; include Sidekiq::Worker; def perform(*) = nil; end
class Dead; include Sidekiq::Worker; sidekiq_options retry: 0; def perform(*) = raise(TypeError, "no such «customer» 客户"); end
module Billing; class Retry; include Sidekiq::Worker; sidekiq_options retry: 4, backtrace: 5, queue: 'low'; def perform(*) = raise("timeout of 30 s\nat the bank"); end; end
class NoTrace; include Sidekiq::Worker; sidekiq_options retry: false; def perform(*) = raise("gone"); end
class MailWorker; include Sidekiq::Worker; sidekiq_options retry: 5, queue: 'mail'; def perform(*) = nil; end
class Plain; include Sidekiq::Worker; def perform(*) = nil; end
